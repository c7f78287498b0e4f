/** How much of anything a request may bring. */
export const bounds = {
  bodyBytes: 2 * 1024 * 1024,
  sourceBytes: 1024 * 1024,
  stdinBytes: 1024 * 1024,
  files: 100,
  pathBytes: 255,
  args: 100,
  argBytes: 4096,
  envNames: 50,
  envBytes: 4096,
  tests: 1000,
  metadataBytes: 16 * 1024,
  waitSeconds: 60,
  batchInline: 100,
  batchItems: 10_000,
} as const

export const priorities = ['low', 'normal', 'high'] as const
export type Priority = (typeof priorities)[number]
