/** Calls back once when the parent process is gone: an executor that nobody drives is a leak with root's privileges. */
const lookEveryMs = 500

export function watchParent(gone: () => void): void {
  const parent = process.ppid
  if (parent === 1) return // started by the machine itself, which outlives us
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    gone()
  }, lookEveryMs)
  timer.unref()
}
