import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'

const tokenLengthMin = 16

/** Says whether an Authorization header carries the token, in a time that does not depend on how nearly it does. */
export type Authorized = (header: string | undefined) => boolean

export function readToken(file: string): Authorized {
  const token = readFileSync(file, 'utf8').trim()
  if (token.length < tokenLengthMin) throw new Error(`the token in ${file} is shorter than ${tokenLengthMin} characters`)
  const wanted = digest(`Bearer ${token}`)
  return (header) => timingSafeEqual(digest(header ?? ''), wanted)
}

const digest = (text: string) => createHash('sha256').update(text).digest()
