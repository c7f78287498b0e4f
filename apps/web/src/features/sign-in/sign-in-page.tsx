import { CrucibleProblem } from '@crucible/sdk'
import { Button, PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { useSession } from '../../api/session-context.ts'
import { Mark } from '../../ui/mark.tsx'
import { Refusal } from '../../ui/states.tsx'
import styles from './sign-in-page.module.css'

const reasons = {
  none: null,
  by_choice: 'You are signed out, and the key is gone from this tab.',
  refused: 'The key that was used here is no longer accepted.',
} as const

/** Trades an API key for a session of this tab, after the server said that it knows the key. */
export function SignInPage() {
  const session = useSession()
  const { reason } = useSyncExternalStore(session.subscribe, session.state)
  const [key, setKey] = useState('')
  const check = useMutation({
    mutationFn: (apiKey: string) => session.clientOf(apiKey).me({}, { timeoutMs: 10_000, retriesMax: 1 }),
    onSuccess: (_, apiKey) => session.signIn(apiKey),
  })
  const said = reason === undefined ? null : reasons[reason]
  return (
    <main className={styles.page}>
      <title>Sign in · Crucible</title>
      <div className={styles.card}>
        <h1 className={styles.brand}>
          <Mark size={34} />
          Crucible
        </h1>
        <p className={styles.promise}>
          Untrusted code in, verdicts out. Every program runs in a sandbox of its own, which is thrown away afterwards.
        </p>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            if (key.trim() !== '') check.mutate(key.trim())
          }}
        >
          <PasswordInput
            label="API key"
            placeholder="crk_…"
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            autoFocus
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the key' }}
          />
          <Button type="submit" variant="filled" size="sm" loading={check.isPending} disabled={key.trim() === ''}>
            Sign in
          </Button>
          {check.isError && <Refused error={check.error} />}
          {!check.isError && said !== null && (
            <p className={styles.said} role="status">
              {said}
            </p>
          )}
        </form>
        <dl className={styles.where}>
          <dt>Started with npm start?</dt>
          <dd>
            The administrator's key is in <code>data/admin-key</code>, below the folder where you started it.
          </dd>
          <dt>Somebody else's server?</dt>
          <dd>Ask its administrator for a key.</dd>
          <dt>Where does it go?</dt>
          <dd>It stays in this tab and is forgotten when you close it.</dd>
        </dl>
      </div>
    </main>
  )
}

function Refused({ error }: { error: unknown }) {
  if (error instanceof CrucibleProblem && error.status === 401) {
    return (
      <Refusal
        error={
          new Error(
            'The server does not know this key. Was all of it copied? It begins with crk_, and a revoked key never comes back.',
          )
        }
      />
    )
  }
  return <Refusal error={error} />
}
