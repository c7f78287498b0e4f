import type { EvaluationId, RunResult } from '@crucible/contracts'
import { CrucibleProblem } from '@crucible/sdk'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useClient } from '../../api/session-context.ts'
import { DownloadIcon } from '../../ui/icons.tsx'
import { readWholeOutput } from './read-output.ts'

/** Saves what the program wrote, byte for byte: nothing is marked or stripped in the file, so open it with care. */
export function DownloadButton({ id, result }: { id: EvaluationId; result: RunResult | null }) {
  const client = useClient()
  const download = useMutation({
    mutationFn: async () => {
      const parts = await readWholeOutput((offset, limit) =>
        client.readOutput({ params: { evaluation: id }, query: { stream: 'both', offset, limit } }),
      )
      save(new Blob(parts, { type: 'application/octet-stream' }), `${id}.output.txt`)
    },
  })
  const isEmpty = result !== null && result.usage.stdoutBytes + result.usage.stderrBytes === 0
  return (
    <Button
      variant="subtle"
      color="gray"
      leftSection={<DownloadIcon size={12} />}
      loading={download.isPending}
      disabled={isEmpty}
      onClick={() => download.mutate()}
    >
      {download.isError
        ? `Not downloaded${download.error instanceof CrucibleProblem ? ` (${download.error.code})` : ''}`
        : 'Download'}
    </Button>
  )
}

function save(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has its own hold on the blob once the download has begun, which is after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
