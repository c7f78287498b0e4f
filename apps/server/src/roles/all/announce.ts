/** What somebody who has just started Crucible needs: where it is, how to get in, what to try. */
export function announcement({ url, keyFile, tookMs }: { url: string; keyFile: string; tookMs: number }): string {
  const key = /^[\w./-]+$/.test(keyFile) ? keyFile : `'${keyFile.replaceAll("'", `'\\''`)}'`
  return `
  Crucible is ready at ${url}   (${(tookMs / 1_000).toFixed(1)} s)

  Sign in with the key in ${keyFile}, or try it from here:

    curl -s '${url}/api/v1/evaluations?wait=10' \\
      -H "Authorization: Bearer $(cat ${key})" -H 'Content-Type: application/json' \\
      -d '{"language":"python","code":"print(6 * 7)"}'

  API reference: ${url}/api/docs     Stop: Ctrl-C

`
}
