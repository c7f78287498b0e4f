import { freshDatabase } from '@crucible/testkit'
import { expect, test } from 'vitest'
import { openDb, sql } from '../db/index.ts'
import { createHub, followChannel, openBell, payloadOf } from './index.ts'

test('a bell that rang before anybody waited is heard once', async () => {
  const hub = createHub()
  const bell = openBell(hub, 'topic')
  hub.publish('topic', 'x')
  hub.publish('other', 'x')
  await bell.rang(60_000)
  const waited = performance.now()
  await bell.rang(20)
  expect(performance.now() - waited).toBeGreaterThan(10)
  bell.close()
})

test('waiting ends with the signal, and a closed bell keeps nothing', async () => {
  const hub = createHub()
  const bell = openBell(hub, 'topic')
  const gone = new AbortController()
  const waiting = bell.rang(60_000, gone.signal)
  gone.abort()
  await waiting
  await bell.rang(60_000, gone.signal) // at once: it is aborted already
  bell.close()
  hub.publish('topic', 'x')
})

test('a bell rings for what it was asked to, and always for a gap', async () => {
  const hub = createHub()
  const bell = openBell(hub, 'topic', (detail) => detail === null || detail === 'yes')
  hub.publish('topic', 'no')
  await bell.rang(10)
  hub.publishGap()
  await bell.rang(60_000)
})

test('a notification reaches each of its topics at the commit and not before, and a lost connection wakes everybody', async () => {
  const database = await freshDatabase()
  const db = await openDb({ ownerUrl: database.ownerUrl, connectionsMax: 2, onFault: () => {} })
  const wakeups = await followChannel(db.listen, 'test_channel')
  const heard: string[] = []
  const all = Promise.withResolvers<void>()
  const gap = Promise.withResolvers<void>()
  for (const topic of ['a', 'b']) {
    wakeups.subscribe(topic, (detail) => {
      if (detail === null) return gap.resolve()
      heard.push(`${topic} ${detail}`)
      if (heard.length === 2) all.resolve()
    })
  }
  await db
    .system(async (tx) => {
      await sql`select pg_notify('test_channel', ${payloadOf(['a'], 'rolled back')})`.execute(tx)
      throw new Error('no')
    })
    .catch(() => {})
  await db.system((tx) => sql`select pg_notify('test_channel', ${payloadOf(['a', 'b'], '7 done')})`.execute(tx))
  await all.promise
  expect(heard).toEqual(['a 7 done', 'b 7 done'])
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crucible listen' and datname = current_database()`,
  )
  await gap.promise
  await wakeups.stop()
  await db.close()
  await database.drop()
})
