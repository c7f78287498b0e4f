import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const sentences = (env: Record<string, string>, argv: string[] = []) => {
  try {
    readConfig(env, argv)
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences
    throw error
  }
  return []
}

test('nothing set gives the documented defaults', () => {
  const { role, settings } = readConfig({ PATH: '/bin' }, [])
  expect(role).toBe('all')
  expect(settings).toMatchObject({
    PORT: 3000,
    HOST: '127.0.0.1',
    DATABASE_URL: null,
    CRUCIBLE_SLOTS: null,
    CRUCIBLE_ALLOW_UNSAFE_ENGINE: false,
  })
})

test.each([
  [{ PORT: '3ooo' }, 'PORT is "3ooo"; set it to a whole number from 0 to 65535.'],
  [{ PORT: '70000' }, 'PORT is "70000"; set it to a whole number from 0 to 65535.'],
  [{ PORT: '-1' }, 'PORT is "-1"; set it to a whole number from 0 to 65535.'],
  [{ PORT: '3e3' }, 'PORT is "3e3"; set it to a whole number from 0 to 65535.'],
  [{ CRUCIBLE_ALLOW_UNSAFE_ENGINE: 'ja' }, 'CRUCIBLE_ALLOW_UNSAFE_ENGINE is "ja"; set it to yes or no.'],
  [
    { CRUCIBLE_LOG_LEVEL: 'loud' },
    'CRUCIBLE_LOG_LEVEL is "loud"; set it to one of trace, debug, info, warn, error, fatal, silent.',
  ],
  [{ CRUCIBLE_SLOT: '4' }, 'CRUCIBLE_SLOT is no setting (did you mean CRUCIBLE_SLOTS?); unset it, or see docs/configuration.md.'],
  [{ CRUCIBLE_WHATEVER: '' }, 'CRUCIBLE_WHATEVER is no setting; unset it, or see docs/configuration.md.'],
  [
    { CRUCIBLE_ENGINE: 'process' },
    'CRUCIBLE_ENGINE is process, which isolates nothing; set CRUCIBLE_ALLOW_UNSAFE_ENGINE=yes if that is what you want.',
  ],
])('%j stops the start with a sentence', (env, sentence) => {
  expect(sentences(env)).toEqual([sentence])
})

test('what the client and the tests read is none of the server’s business', () => {
  expect(sentences({ CRUCIBLE_URL: 'http://127.0.0.1:3000', CRUCIBLE_API_KEY: 'crk_x', CRUCIBLE_DATASETS: '/data' })).toEqual([])
})

test('every fault is told at once', () => {
  expect(sentences({ PORT: 'x', HOST: 'a b', CRUCIBLE_GRACE: '1' }, ['al'])).toHaveLength(4)
})

test('a database URL is never repeated, for it holds a password', () => {
  const told = sentences({ DATABASE_URL: 'mysql://owner:hunter2@db/crucible' }).join()
  expect(told).toBe('DATABASE_URL is not what it should be; set it to a URL that begins with postgres:// or postgresql://.')
  expect(sentences({ DATABASE_URL: 'postgres://owner@db/crucible' }).join()).toContain('a URL with a password')
})

test.each(['redis:6379', 'redis:///0', 'redis://cache/jobs', 'redis://cache/0?keyPrefix=x', 'http://cache', 'cache:6379'])(
  '%s is no place for the queue',
  (REDIS_URL) => {
    expect(sentences({ REDIS_URL }).join()).toMatch(/^REDIS_URL is not what it should be; set it to a URL /)
  },
)

test('a Redis is named with or without a user, a port and a database', () => {
  for (const REDIS_URL of ['redis://cache', 'rediss://user:p%40ss@cache:6380/3', 'redis://:secret@[::1]:6379/'])
    expect(readConfig({ REDIS_URL }, []).settings.REDIS_URL).toBe(REDIS_URL)
})

test('a role without a database of its own needs DATABASE_URL', () => {
  expect(sentences({}, ['api'])).toEqual([
    'DATABASE_URL is not set; the role api needs it (only `all` brings a database of its own).',
  ])
})

test('a misspelt role names the nearest', () => {
  expect(sentences({}, ['workr'])).toEqual([
    'workr is no role (did you mean worker?); the roles are all, serve, api, worker, migrate.',
  ])
})

test('an empty variable counts as unset', () => {
  expect(readConfig({ PORT: '', CRUCIBLE_SLOTS: '' }, []).settings).toMatchObject({ PORT: 3000, CRUCIBLE_SLOTS: null })
})

test.each(['yes', 'true', 'on', '1', 'YES'])('%s is yes', (word) => {
  expect(readConfig({ CRUCIBLE_ALLOW_UNSAFE_ENGINE: word }, []).settings.CRUCIBLE_ALLOW_UNSAFE_ENGINE).toBe(true)
})
