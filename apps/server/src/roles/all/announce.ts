/** `keyOption` is null where the clients of this checkout find the key without being told. */
export type Announced = { url: string; keyFile: string; keyOption: string | null; tookMs: number }

/** What somebody who has just started Crucible needs: where it is, how to get in, what to try. */
export function announcement({ url, keyFile, keyOption, tookMs }: Announced): string {
  const where = url === 'http://127.0.0.1:3000' ? '' : `--url ${url} `
  const key = keyOption === null ? '' : `--key-file ${quoted(keyOption)} `
  return `
  Crucible is ready at ${url}   (${(tookMs / 1_000).toFixed(1)} s)

  Sign in there with the key in ${keyFile},
  or run a program that attacks its sandbox, from a second terminal in this folder:

    npx crucible run ${where}${key}examples/hostile/read-shadow.py

  API reference: ${url}/api/docs     Stop: Ctrl-C

`
}

const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)
