import { CrucibleProblem, CrucibleUnexpectedReply, CrucibleUnreachable } from '@crucible/sdk'
import { plain } from './control-sequences.ts'
import { exitCodes } from './exit-codes.ts'
import { Interrupted, NothingToRunOn, UsageError } from './failures.ts'
import type { Settings } from './settings.ts'

export type Explanation = { readonly exitCode: number; readonly code: string; readonly lines: readonly string[] }

/** What went wrong, and what to do next. The first line says what, the others say how on. */
export function explain(error: unknown, settings?: Pick<Settings, 'url' | 'keySource'>): Explanation {
  if (error instanceof Interrupted) return { exitCode: exitCodes.interrupted, code: 'interrupted', lines: ['Interrupted.'] }
  if (error instanceof UsageError) return { exitCode: exitCodes.usage, code: 'usage', lines: [error.message] }
  if (error instanceof NothingToRunOn)
    return platform('unavailable', [error.message, 'Try again in a moment; `crucible doctor` says what is missing.'])
  if (error instanceof CrucibleProblem) return refused(error, settings)
  if (error instanceof CrucibleUnreachable) {
    return platform('unreachable', [
      plain(error.message),
      'Start a server with `npm start`, or set CRUCIBLE_URL (or --url) to where yours is.',
    ])
  }
  if (error instanceof CrucibleUnexpectedReply)
    return platform('unexpected_reply', [plain(error.message), `Asked: ${settings?.url ?? 'unknown'}`])
  if (error instanceof TypeError && settings !== undefined && error.message.includes('URL')) {
    return { exitCode: exitCodes.usage, code: 'usage', lines: [error.message, 'Mend CRUCIBLE_URL or --url.'] }
  }
  return platform('internal', [
    `Something broke in the CLI: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  ])
}

const platform = (code: string, lines: readonly string[]): Explanation => ({ exitCode: exitCodes.platform, code, lines })

function refused(problem: CrucibleProblem, settings?: Pick<Settings, 'keySource'>): Explanation {
  const faults = problem.errors.map(({ pointer, detail }) => `  ${plain(pointer)}: ${plain(detail)}`)
  return platform(problem.code, [plain(problem.message), ...faults, ...nextStep(problem, settings?.keySource)])
}

function nextStep(problem: CrucibleProblem, keySource: string | undefined): string[] {
  switch (problem.code) {
    case 'unauthenticated':
      return keySource === undefined
        ? ['No key was sent. Set CRUCIBLE_API_KEY or --key-file; the first `npm start` writes one to data/admin-key.']
        : [`The key from ${keySource} is not one of this server. Set CRUCIBLE_API_KEY or --key-file.`]
    case 'unknown_runtime':
      return ['See what there is: crucible runtimes']
    case 'isolation_unavailable':
      return ['See which engines there are, and what they lack: crucible doctor']
    case 'rate_limited':
    case 'queue_full':
    case 'unavailable':
      return [`Try again${problem.retryAfter === undefined ? ' later' : ` in ${problem.retryAfter} s`}.`]
    case 'internal':
      return [`Request id: ${plain(problem.requestId)}`]
    default:
      return []
  }
}
