import { ActionIcon, Button, Textarea, Tooltip } from '@mantine/core'
import { PlusIcon, TrashIcon } from '../../ui/icons.tsx'
import type { TestDraft } from './draft.ts'
import styles from './run-page.module.css'

const testsMax = 20 // by hand; more come through the API or `crucible eval`

/** Pairs of input and expected output. With none, a program is accepted when it exits with 0. */
export function TestsForm({ value, onChange }: { value: readonly TestDraft[]; onChange: (value: readonly TestDraft[]) => void }) {
  const change = (id: number, part: Partial<TestDraft>) =>
    onChange(value.map((test) => (test.id === id ? { ...test, ...part } : test)))
  return (
    <div className={styles.tests}>
      {value.length === 0 && (
        <p className={styles.hint}>
          Without tests the program is accepted when it exits with 0. With tests it runs once for each, and its output is
          compared.
        </p>
      )}
      {value.map((test, index) => (
        <fieldset key={test.id} className={styles.test}>
          <legend>Test {index + 1}</legend>
          <Textarea
            label="Input"
            autosize={false}
            rows={2}
            className={styles.mono}
            value={test.stdin}
            onChange={(event) => change(test.id, { stdin: event.currentTarget.value })}
          />
          <Textarea
            label="Expected output"
            rows={2}
            className={styles.mono}
            value={test.expected}
            onChange={(event) => change(test.id, { expected: event.currentTarget.value })}
          />
          <Tooltip label={`Remove test ${index + 1}`}>
            <ActionIcon
              aria-label={`Remove test ${index + 1}`}
              onClick={() => onChange(value.filter((other) => other.id !== test.id))}
            >
              <TrashIcon />
            </ActionIcon>
          </Tooltip>
        </fieldset>
      ))}
      <Button
        leftSection={<PlusIcon size={12} />}
        disabled={value.length >= testsMax}
        onClick={() => onChange([...value, { id: Math.max(0, ...value.map((test) => test.id)) + 1, stdin: '', expected: '' }])}
      >
        Add a test
      </Button>
    </div>
  )
}
