import type { EvaluationDetail } from '@crucible/contracts'
import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { Editor } from '../../ui/editor/editor.tsx'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { visible } from '../../ui/output/visible.ts'
import styles from './detail-page.module.css'

/** What was run, read-only. Binary files are named, not shown. */
export function Source({ detail }: { detail: EvaluationDetail }) {
  const [chosen, setChosen] = useState(() =>
    Math.max(
      0,
      detail.files.findIndex((file) => file.path === detail.entry),
    ),
  )
  const file = detail.files[chosen]
  if (file === undefined) return <p className={styles.hint}>There is no source.</p>
  return (
    <>
      <div className={styles.fileBar}>
        {detail.files.length === 1 ? (
          <code>
            <HostileText text={file.path} />
          </code>
        ) : (
          <NativeSelect
            aria-label="File"
            value={String(chosen)}
            data={detail.files.map((other, index) => ({
              value: String(index),
              label: `${plain(other.path)}${other.path === detail.entry ? ' (entry)' : ''}`,
            }))}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
          />
        )}
      </div>
      <div className={styles.source}>
        {file.encoding === 'base64' ? (
          <p className={styles.hint}>A binary file of {Math.floor((file.content.length * 3) / 4)} bytes.</p>
        ) : (
          <Editor value={file.content} language={detail.language} label={`Source of ${plain(file.path)}`} />
        )}
      </div>
      <Input title="Standard input" text={detail.stdin} />
      <Input title="Arguments" text={detail.args.join('\n')} />
      <Input
        title="Environment"
        text={Object.entries(detail.env)
          .map(([name, value]) => `${name}=${value}`)
          .join('\n')}
      />
    </>
  )
}

const inputCharactersMax = 5_000

function Input({ title, text }: { title: string; text: string }) {
  if (text === '') return null
  const lines = text.slice(0, inputCharactersMax).split('\n')
  return (
    <section className={styles.input} aria-label={title}>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one immutable string never move
          <span key={index}>
            <HostileText text={line} max={inputCharactersMax} />
            {'\n'}
          </span>
        ))}
        {text.length > inputCharactersMax && `… and ${text.length - inputCharactersMax} characters more`}
      </pre>
    </section>
  )
}

/** For places that take no marks, such as an option of a select. */
const plain = (text: string) =>
  visible(text)
    .map((piece) => piece.text.replaceAll('\u001b', 'ESC '))
    .join('')
