import type { RuntimeList } from '@crucible/contracts'
import { useQuery } from '@tanstack/react-query'
import { runtimesQuery } from '../../api/queries.ts'
import { useClient } from '../../api/session-context.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Executor } from './executor.tsx'
import styles from './executors-page.module.css'

/** What this installation can isolate, and what it can run. */
export function ExecutorsPage() {
  const list = useQuery({ ...runtimesQuery(useClient()), refetchInterval: 15_000 })
  return (
    <div className={styles.page}>
      <title>Executors · Crucible</title>
      <PageHead
        title="Executors"
        note="Where programs run: what each executor isolates, what it found about its machine, and the languages it offers."
      />
      {list.isPending && <Loading what="the executors" />}
      {list.isError && list.data === undefined && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data !== undefined && <Found list={list.data} />}
    </div>
  )
}

function Found({ list }: { list: RuntimeList }) {
  return (
    <>
      {list.executors.length === 0 && (
        <Empty title="No executor is connected">
          Evaluations are accepted and wait in the queue. On this machine, <code>crucible doctor</code> says what keeps the
          executor from starting.
        </Empty>
      )}
      {list.executors.map((executor) => (
        <Executor key={executor.name} executor={executor} />
      ))}
      <Panel title={`Runtimes (${list.data.length})`}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Runtime</th>
              <th scope="col">Language</th>
              <th scope="col">Tool</th>
              <th scope="col">Also called</th>
              <th scope="col">Compiled</th>
            </tr>
          </thead>
          <tbody>
            {list.data.map((runtime) => (
              <tr key={runtime.name}>
                <td>
                  <code>{runtime.name}</code>
                </td>
                <td>{runtime.title}</td>
                <td>
                  <HostileText text={runtime.toolVersion} max={80} />
                </td>
                <td>{runtime.aliases.length === 0 ? '–' : runtime.aliases.join(', ')}</td>
                <td>{runtime.isCompiled ? 'yes, in its own sandboxed run' : 'no'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      {list.unavailable.length > 0 && (
        <Panel title={`Not available here (${list.unavailable.length})`}>
          <ul className={styles.missing}>
            {list.unavailable.map((missing) => (
              <li key={missing.language}>
                <b>{missing.language}</b>
                <span>
                  <HostileText text={missing.reason} />
                </span>
                <code>
                  <HostileText text={missing.remedy} />
                </code>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  )
}
