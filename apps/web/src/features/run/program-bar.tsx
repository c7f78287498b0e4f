import type { RuntimeList } from '@crucible/contracts'
import { Button, Menu, NativeSelect } from '@mantine/core'
import type { ReactNode } from 'react'
import { DownIcon } from '../../ui/icons.tsx'
import { type Example, examplesOf } from './examples/index.ts'
import styles from './run-page.module.css'

type Props = {
  language: string
  runtimes: RuntimeList | undefined
  onLanguage: (language: string) => void
  onExample: (example: Example) => void
  children: ReactNode
}

export function ProgramBar({ language, runtimes, onLanguage, onExample, children }: Props) {
  const examples = examplesOf(language)
  return (
    <div className={styles.bar}>
      <NativeSelect
        aria-label="Language"
        value={language}
        onChange={(event) => onLanguage(event.currentTarget.value)}
        data={choicesOf(runtimes, language)}
      />
      <Menu position="bottom-start" width={300} withinPortal={false}>
        <Menu.Target>
          <Button rightSection={<DownIcon size={12} />} disabled={examples.length === 0}>
            Examples
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {examples.map((example) => (
            <Menu.Item key={example.title} onClick={() => onExample(example)}>
              <span className={styles.example}>{example.title}</span>
              <span className={styles.shows}>{example.shows}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className={styles.spring} />
      {children}
    </div>
  )
}

/** What is offered, and what could be but is not here: greyed out, with the reason in the same line. */
function choicesOf(runtimes: RuntimeList | undefined, chosen: string) {
  const offered = new Map(
    (runtimes?.data ?? []).map((runtime) => [
      runtime.language,
      { value: runtime.language, label: `${runtime.title} ${runtime.version}` },
    ]),
  )
  const missing = (runtimes?.unavailable ?? [])
    .filter(({ language }) => !offered.has(language))
    .map(({ language, reason }) => ({ value: language, label: `${language} (${reason})`, disabled: true }))
  const choices = [...offered.values(), ...missing]
  return choices.some((choice) => choice.value === chosen) ? choices : [{ value: chosen, label: chosen }, ...choices]
}
