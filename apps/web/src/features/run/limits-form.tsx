import { type LimitName, type Limits, limitMinima, limitNames } from '@crucible/contracts'
import { NumberInput } from '@mantine/core'
import { type LimitDrafts, limitUnits } from './draft.ts'
import styles from './run-page.module.css'

/** Empty fields take the organization's default, which stands in them as the placeholder. */
export function LimitsForm({
  value,
  onChange,
  bounds,
}: {
  value: LimitDrafts
  onChange: (value: LimitDrafts) => void
  bounds: { defaults: Limits; maxima: Limits } | undefined
}) {
  return (
    <div className={styles.limits}>
      {limitNames.map((name) => (
        <LimitField
          key={name}
          name={name}
          value={value[name]}
          bounds={bounds}
          onChange={(limit) => onChange(withLimit(value, name, limit))}
        />
      ))}
    </div>
  )
}

function LimitField({
  name,
  value,
  bounds,
  onChange,
}: {
  name: LimitName
  value: number | undefined
  bounds: { defaults: Limits; maxima: Limits } | undefined
  onChange: (limit: number | undefined) => void
}) {
  const { word, unit, size } = limitUnits[name]
  const inUnit = (n: number) => Number((n / size).toFixed(3))
  const max = bounds === undefined ? undefined : inUnit(bounds.maxima[name])
  return (
    <NumberInput
      label={unit === '' ? word : `${word}, ${unit}`}
      description={max === undefined ? ' ' : `at most ${max}`}
      placeholder={bounds === undefined ? '' : String(inUnit(bounds.defaults[name]))}
      value={value ?? ''}
      min={inUnit(limitMinima[name])}
      {...(max === undefined ? {} : { max })}
      clampBehavior="blur"
      decimalScale={size === 1 ? 0 : 3}
      hideControls
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  )
}

function withLimit(limits: LimitDrafts, name: LimitName, limit: number | undefined): LimitDrafts {
  const { [name]: _, ...others } = limits
  return limit === undefined ? others : { ...others, [name]: limit }
}
