import { limitNames } from '@crucible/contracts'
import { type Draft, emptyDraft } from './draft.ts'

const storageKey = 'crucible.draft'
const storedCharactersMax = 500_000

/** A reload must not cost what one has written. What cannot be read back is started anew, never an error. */
export function loadDraft(storage: Storage): Draft {
  try {
    const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? 'null')
    return isDraft(stored) ? stored : emptyDraft
  } catch {
    return emptyDraft // not JSON: written by something else
  }
}

export function saveDraft(storage: Storage, draft: Draft): void {
  const text = JSON.stringify(draft)
  if (text.length > storedCharactersMax) return
  try {
    storage.setItem(storageKey, text)
  } catch {
    // The quota is used up: the draft then lives as long as the page.
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isDraft(value: unknown): value is Draft {
  if (!isRecord(value) || !isRecord(value['code']) || !isRecord(value['limits']) || !Array.isArray(value['tests'])) return false
  return (
    [value['language'], value['stdin'], value['args'], ...Object.values(value['code'])].every(isText) &&
    Object.entries(value['limits']).every(
      ([name, limit]) => (limitNames as string[]).includes(name) && typeof limit === 'number',
    ) &&
    value['tests'].every(
      (test) => isRecord(test) && typeof test['id'] === 'number' && isText(test['stdin']) && isText(test['expected']),
    )
  )
}
