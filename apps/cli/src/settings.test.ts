import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { settingsOf } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'crucible-settings-'))
writeFileSync(join(folder, 'admin-key'), 'crk_from_data_dir\n')
writeFileSync(join(folder, 'two words'), 'not a key')
afterAll(() => rmSync(folder, { recursive: true }))
const environment = { url: undefined, apiKey: undefined, dataDir: folder, path: '' }

test('with nothing set, this machine and the key that the first start wrote', () => {
  expect(settingsOf({}, environment)).toMatchObject({ url: 'http://127.0.0.1:3000', apiKey: 'crk_from_data_dir' })
})

test('the administrator’s key is never offered to another machine', () => {
  for (const url of ['http://crucible.example', 'http://127.0.0.1.evil.example', 'http://localhost@evil.example', 'nonsense'])
    expect(settingsOf({ url }, environment).apiKey).toBeUndefined()
  for (const url of ['http://localhost:4000', 'http://[::1]:3000', 'http://127.8.8.8'])
    expect(settingsOf({ url }, environment).apiKey).toBe('crk_from_data_dir')
})

test('a flag comes before the environment, and that before the data directory', () => {
  expect(settingsOf({ url: 'http://a.example' }, { ...environment, url: 'http://b.example', apiKey: 'crk_env' })).toMatchObject({
    url: 'http://a.example',
    apiKey: 'crk_env',
  })
  expect(settingsOf({ keyFile: join(folder, 'admin-key') }, { ...environment, apiKey: 'crk_env' }).apiKey).toBe(
    'crk_from_data_dir',
  )
})

test('a key file that is missing, or holds no key, is named', () => {
  expect(() => settingsOf({ keyFile: '/no/such/file' }, environment)).toThrow('/no/such/file')
  expect(() => settingsOf({ keyFile: join(folder, 'two words') }, environment)).toThrow('does not hold an API key')
})
