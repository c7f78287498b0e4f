import type { EvaluationDetail } from '@crucible/contracts'
import { Tabs } from '@mantine/core'
import { useState } from 'react'
import { Attempts } from './attempts.tsx'
import styles from './detail-page.module.css'
import { Environment } from './environment.tsx'
import { Metadata } from './metadata.tsx'
import { Source } from './source.tsx'
import { Tests } from './tests.tsx'

/** What was submitted and what is known about it, beside the output. */
export function Sections({ detail }: { detail: EvaluationDetail }) {
  const hasTests = detail.tests.total > 0
  const [shown, setShown] = useState<string | null>(hasTests ? 'tests' : 'source')
  return (
    <Tabs value={shown} onChange={setShown} keepMounted={false} className={styles.sections}>
      <Tabs.List aria-label="Details">
        {hasTests && <Tabs.Tab value="tests">Tests ({detail.tests.total})</Tabs.Tab>}
        <Tabs.Tab value="source">Source</Tabs.Tab>
        <Tabs.Tab value="environment">Environment</Tabs.Tab>
        <Tabs.Tab value="attempts">Attempts ({detail.attemptHistory.length})</Tabs.Tab>
        <Tabs.Tab value="metadata">Metadata</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="tests" className={styles.panel}>
        <Tests detail={detail} />
      </Tabs.Panel>
      <Tabs.Panel value="source" className={styles.panelFlush}>
        <Source detail={detail} />
      </Tabs.Panel>
      <Tabs.Panel value="environment" className={styles.panel}>
        <Environment detail={detail} />
      </Tabs.Panel>
      <Tabs.Panel value="attempts" className={styles.panel}>
        <Attempts attempts={detail.attemptHistory} />
      </Tabs.Panel>
      <Tabs.Panel value="metadata" className={styles.panel}>
        <Metadata detail={detail} />
      </Tabs.Panel>
    </Tabs>
  )
}
