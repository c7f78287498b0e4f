import { CrucibleProblem, CrucibleUnreachable } from '@crucible/sdk'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { BanIcon, InfoIcon, ShieldIcon, WarningIcon } from './icons.tsx'
import styles from './states.module.css'

/** The four things a screen can be instead of full: loading, empty, forbidden, in error. */
function State({
  icon,
  title,
  children,
  action,
  role,
}: {
  icon: ReactNode
  title: string
  children: ReactNode
  action?: ReactNode
  role?: 'alert' | 'status'
}) {
  return (
    <div className={styles.state} role={role}>
      <span className={styles.icon}>{icon}</span>
      <h2 className={styles.title}>{title}</h2>
      <div className={styles.text}>{children}</div>
      {action}
    </div>
  )
}

export const Empty = ({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) => (
  <State icon={<InfoIcon size={20} />} title={title} action={action}>
    {children}
  </State>
)

export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  return (
    <div className={styles.loading} role="status">
      <span className={styles.hint}>Loading {what}…</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <span key={row} className={styles.bone} style={{ width: `${92 - ((row * 17) % 40)}%` }} aria-hidden="true" />
      ))}
    </div>
  )
}

/** Says what went wrong in the server's own words, and whose move it is. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const again = retry && (
    <Button onClick={retry} variant="default">
      Try again
    </Button>
  )
  if (error instanceof CrucibleProblem && error.status === 403) {
    return (
      <State role="alert" icon={<ShieldIcon size={20} />} title="This key may not see that">
        It belongs to a role without the permission. Ask an administrator of the organization, or sign in with another key.
      </State>
    )
  }
  if (error instanceof CrucibleProblem && error.status === 404) {
    return (
      <State role="alert" icon={<BanIcon size={20} />} title={error.message}>
        It may never have existed, or belong to another organization. Crucible gives the same answer to both.
      </State>
    )
  }
  if (error instanceof CrucibleUnreachable) {
    return (
      <State role="alert" icon={<WarningIcon size={20} />} title="The server does not answer" action={again}>
        {error.message}
      </State>
    )
  }
  return (
    <State role="alert" icon={<WarningIcon size={20} />} title="That did not work" action={again}>
      {error instanceof Error ? error.message : 'An unknown error occurred in this page.'}
      {error instanceof CrucibleProblem && (
        <>
          {' '}
          Request <code>{error.requestId}</code>
        </>
      )}
    </State>
  )
}

/** A refusal beside the form that caused it, with each fault that it names. */
export function Refusal({ error }: { error: unknown }) {
  const faults = error instanceof CrucibleProblem ? error.errors : []
  return (
    <div className={styles.refusal} role="alert" data-tone="bad">
      <WarningIcon />
      <div>
        {error instanceof Error ? error.message : 'An unknown error occurred in this page.'}
        {faults.length > 0 && (
          <ul>
            {faults.slice(0, 10).map((fault) => (
              <li key={`${fault.pointer} ${fault.detail}`}>
                <code>{fault.pointer}</code> {fault.detail}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
