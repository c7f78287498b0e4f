import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyDatabase } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, migrationsFolder, pendingMigrations } from './migrate.ts'

let database: Awaited<ReturnType<typeof emptyDatabase>>
let folder: string
beforeAll(async () => {
  database = await emptyDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crucible-migrations-'))
  await cp(migrationsFolder, folder, { recursive: true })
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

test('two that migrate at once take turns, and each migration is applied once', async () => {
  const pending = await pendingMigrations(database.ownerUrl, folder)
  expect(pending.length).toBeGreaterThanOrEqual(5)
  const applied = await Promise.all([migrate(database.ownerUrl, folder), migrate(database.ownerUrl, folder)])
  expect(applied.flat()).toEqual(pending)
  expect(await pendingMigrations(database.ownerUrl, folder)).toEqual([])
})

test('one that fails leaves nothing of itself, and the next attempt goes on', async () => {
  await writeFile(join(folder, '9001_half.sql'), 'create table public.half (n int); select 1/0;')
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow('9001_half.sql could not be applied: division by zero')
  await writeFile(join(folder, '9001_half.sql'), 'create table public.half (n int);')
  expect(await migrate(database.ownerUrl, folder)).toEqual(['9001_half.sql'])
})

test('an applied migration that was changed afterwards stops the start', async () => {
  await writeFile(join(folder, '9001_half.sql'), 'create table public.whole (n int);')
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow('9001_half.sql was changed after it had been applied')
})

test('a database that is newer than the program stops the start', async () => {
  await rm(join(folder, '9001_half.sql'))
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(
    'the database is newer than this program: it has 9001_half.sql',
  )
})
