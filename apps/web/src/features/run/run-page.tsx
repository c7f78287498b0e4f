import { CrucibleProblem } from '@crucible/sdk'
import { Tabs, Textarea } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { meQuery, runtimesQuery } from '../../api/queries.ts'
import { useClient } from '../../api/session-context.ts'
import { Editor } from '../../ui/editor/editor.tsx'
import { PlayIcon } from '../../ui/icons.tsx'
import { ReasonedButton } from '../../ui/reasoned-button.tsx'
import { Refusal } from '../../ui/states.tsx'
import { codeOf, type Draft, toSubmission } from './draft.ts'
import { loadDraft, saveDraft } from './draft-storage.ts'
import { LimitsForm } from './limits-form.tsx'
import { ProgramBar } from './program-bar.tsx'
import { ResultPane } from './result-pane.tsx'
import styles from './run-page.module.css'
import { TestsForm } from './tests-form.tsx'

const route = getRouteApi('/signed-in/')

/** Write a program on the left, see what becomes of it on the right. The address names the run, so a reload shows it again. */
export function RunPage() {
  const client = useClient()
  const navigate = route.useNavigate()
  const { evaluation } = route.useSearch()
  const runtimes = useQuery(runtimesQuery(client))
  const me = useQuery(meQuery(client)).data
  const [draft, setDraft] = useState(() => loadDraft(sessionStorage))
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part }
    setDraft(next)
    saveDraft(sessionStorage, next)
  }
  const submit = useMutation({
    mutationFn: () => client.submitEvaluation({ body: toSubmission(draft) }),
    onSuccess: (submitted) => navigate({ to: '/', search: { evaluation: submitted.id } }),
  })
  const offered = runtimes.data?.data.some((runtime) => runtime.language === draft.language)
  const reason = whyNotRun(codeOf(draft), submit.isPending, offered, me?.permissions)
  const run = () => {
    if (reason === null) submit.mutate()
  }

  return (
    <div className={styles.page}>
      <h1 className="hidden">Run a program</h1>
      <section className={styles.program} aria-label="Program">
        <ProgramBar
          language={draft.language}
          runtimes={runtimes.data}
          onLanguage={(language) => change({ language })}
          onExample={(example) => change({ code: { ...draft.code, [draft.language]: example.code }, stdin: example.stdin ?? '' })}
        >
          <ReasonedButton
            variant="filled"
            leftSection={<PlayIcon size={12} />}
            rightSection={<kbd>Ctrl ⏎</kbd>}
            reason={reason}
            onClick={run}
          >
            Run
          </ReasonedButton>
        </ProgramBar>
        <Editor
          value={codeOf(draft)}
          language={draft.language}
          label="Source code"
          onChange={(text) => change({ code: { ...draft.code, [draft.language]: text } })}
          onRun={run}
        />
        <Tabs defaultValue="input" keepMounted={false} className={styles.tabs}>
          <Tabs.List>
            <Tabs.Tab value="input">Input{draft.stdin !== '' || draft.args !== '' ? ' •' : ''}</Tabs.Tab>
            <Tabs.Tab value="tests">Tests{draft.tests.length > 0 ? ` (${draft.tests.length})` : ''}</Tabs.Tab>
            <Tabs.Tab value="limits">Limits{Object.keys(draft.limits).length > 0 ? ' •' : ''}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="input" className={styles.panel}>
            <div className={styles.inputs}>
              <Textarea
                label="Standard input"
                rows={4}
                className={styles.mono}
                value={draft.stdin}
                disabled={draft.tests.length > 0}
                description={draft.tests.length > 0 ? 'Each test has its own input.' : undefined}
                onChange={(event) => change({ stdin: event.currentTarget.value })}
              />
              <Textarea
                label="Arguments, one a line"
                rows={4}
                className={styles.mono}
                value={draft.args}
                onChange={(event) => change({ args: event.currentTarget.value })}
              />
            </div>
          </Tabs.Panel>
          <Tabs.Panel value="tests" className={styles.panel}>
            <TestsForm value={draft.tests} onChange={(tests) => change({ tests })} />
          </Tabs.Panel>
          <Tabs.Panel value="limits" className={styles.panel}>
            <LimitsForm value={draft.limits} onChange={(limits) => change({ limits })} bounds={me?.limits} />
          </Tabs.Panel>
        </Tabs>
        {submit.isError && !isSignedOut(submit.error) && (
          <div className={styles.refusal}>
            <Refusal error={submit.error} />
          </div>
        )}
      </section>
      <ResultPane key={evaluation ?? 'none'} id={evaluation} />
    </div>
  )
}

function whyNotRun(
  code: string,
  isPending: boolean,
  isOffered: boolean | undefined,
  permissions: readonly string[] | undefined,
): string | null {
  if (permissions !== undefined && !permissions.includes('evaluation.create')) return 'This key may read, not run.'
  if (code.trim() === '') return 'There is no program yet.'
  if (isOffered === false) return 'No executor here offers this language.'
  return isPending ? 'It is being submitted.' : null
}

const isSignedOut = (error: unknown) => error instanceof CrucibleProblem && error.status === 401
