import type { Evaluation, Status, Verdict } from '@crucible/contracts'

/** How a status or verdict is said: the glossary's word, and what it means to somebody who reads it for the first time. */
export type Tone = 'good' | 'bad' | 'limit' | 'alarm' | 'live' | 'quiet'
export type Word = { readonly word: string; readonly meaning: string; readonly tone: Tone }

export const statusWords: Readonly<Record<Status, Word>> = {
  submitted: { word: 'Submitted', tone: 'quiet', meaning: 'Received and stored; about to be queued.' },
  queued: { word: 'Queued', tone: 'quiet', meaning: 'Waiting for a free sandbox.' },
  provisioning: { word: 'Provisioning', tone: 'live', meaning: 'An executor is preparing its sandbox.' },
  running: { word: 'Running', tone: 'live', meaning: 'The program is running in its sandbox now.' },
  completed: { word: 'Completed', tone: 'quiet', meaning: 'The program was run and has a verdict.' },
  failed: {
    word: 'Failed',
    tone: 'alarm',
    meaning: 'The platform could not obtain a verdict. This says nothing about the program.',
  },
  cancelled: { word: 'Cancelled', tone: 'quiet', meaning: 'Stopped on request. There is no verdict.' },
}

export const verdictWords: Readonly<Record<Verdict, Word>> = {
  accepted: { word: 'Accepted', tone: 'good', meaning: 'It ended by itself with exit code 0.' },
  wrong_answer: { word: 'Wrong answer', tone: 'bad', meaning: 'It ran to its end, and its answer is not the expected one.' },
  partial: { word: 'Partial', tone: 'limit', meaning: 'Some tests passed, others did not.' },
  compile_error: { word: 'Compile error', tone: 'bad', meaning: 'It could not be compiled, so nothing was run.' },
  runtime_error: { word: 'Runtime error', tone: 'bad', meaning: 'It ended by itself, with a failure.' },
  time_limit: { word: 'Time limit', tone: 'limit', meaning: 'It used more time than it was given and was stopped.' },
  memory_limit: { word: 'Memory limit', tone: 'limit', meaning: 'It used more memory than it was given and was stopped.' },
  output_limit: { word: 'Output limit', tone: 'limit', meaning: 'It wrote more than it may. The head and the tail are kept.' },
  security_violation: {
    word: 'Security violation',
    tone: 'alarm',
    meaning: 'It tried something that the sandbox forbids, and was stopped.',
  },
}

/** The one word for where an evaluation stands: its verdict when there is one, else its status. */
export function wordOf(evaluation: Pick<Evaluation, 'status' | 'verdict' | 'tests'>): Word {
  if (evaluation.status !== 'completed' || evaluation.verdict === null) return statusWords[evaluation.status]
  const word = verdictWords[evaluation.verdict]
  return evaluation.verdict === 'accepted' && evaluation.tests.total > 0 ? { ...word, meaning: 'It passed every test.' } : word
}
