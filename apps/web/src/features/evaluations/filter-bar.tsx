import { statuses, verdicts } from '@crucible/contracts'
import { Button, Checkbox, NativeSelect, Popover, TextInput } from '@mantine/core'
import { DownIcon } from '../../ui/icons.tsx'
import { statusWords, verdictWords, type Word } from '../../ui/words.ts'
import styles from './list-page.module.css'
import type { ListSearch } from './list-search.ts'

type Props = { search: ListSearch; languages: readonly string[]; onChange: (search: ListSearch) => void }

/** Every choice is at once in the address: it can be sent to a colleague, and Back undoes it. */
export function FilterBar({ search, languages, onChange }: Props) {
  const set = (part: { [K in keyof ListSearch]?: ListSearch[K] | undefined }) =>
    onChange(
      Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined && value !== '')),
    )
  const known =
    search.language !== undefined && !languages.includes(search.language) ? [search.language, ...languages] : languages
  return (
    <search className={styles.filters} aria-label="Filters">
      <WordFilter
        name="Status"
        words={statuses.map((value) => [value, statusWords[value]])}
        chosen={search.status}
        onChange={(status) => set({ status })}
      />
      <WordFilter
        name="Verdict"
        words={verdicts.map((value) => [value, verdictWords[value]])}
        chosen={search.verdict}
        onChange={(verdict) => set({ verdict })}
      />
      <NativeSelect
        aria-label="Language"
        value={search.language ?? ''}
        data={[{ value: '', label: 'Any language' }, ...known]}
        onChange={(event) => set({ language: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        aria-label="Created from"
        value={search.from ?? ''}
        onChange={(event) => set({ from: event.currentTarget.value })}
      />
      <span aria-hidden="true">to</span>
      <TextInput
        type="date"
        aria-label="Created until"
        value={search.until ?? ''}
        onChange={(event) => set({ until: event.currentTarget.value })}
      />
      {search.batch !== undefined && (
        <Button variant="default" onClick={() => set({ batch: undefined })}>
          In batch {search.batch.slice(-6)} ✕<span className="hidden"> remove this filter</span>
        </Button>
      )}
      {Object.keys(search).length > 0 && (
        <Button variant="subtle" onClick={() => onChange({})}>
          Clear all
        </Button>
      )}
    </search>
  )
}

function WordFilter({
  name,
  words,
  chosen,
  onChange,
}: {
  name: string
  words: (readonly [string, Word])[]
  chosen: string | undefined
  onChange: (chosen: string | undefined) => void
}) {
  const values = chosen === undefined ? [] : chosen.split(',')
  return (
    <Popover position="bottom-start" trapFocus withinPortal={false}>
      <Popover.Target>
        <Button rightSection={<DownIcon size={12} />} className={values.length > 0 ? styles.filterOn : undefined}>
          {name}
          {values.length > 0 &&
            `: ${values.length === 1 ? words.find(([value]) => value === values[0])?.[1].word : `${values.length} of ${words.length}`}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Checkbox.Group
          aria-label={name}
          value={values}
          onChange={(next) => onChange(next.length === 0 ? undefined : next.join(','))}
        >
          <div className={styles.options}>
            {words.map(([value, { word }]) => (
              <Checkbox key={value} size="xs" value={value} label={word} />
            ))}
          </div>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  )
}
