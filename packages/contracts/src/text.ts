import { z } from 'zod'

const encoder = new TextEncoder()
export const byteLength = (text: string) => encoder.encode(text).byteLength

/** Text that survives UTF-8 unchanged. A lone surrogate would silently become U+FFFD. */
export const wellFormedText = z.string().refine((text) => text.isWellFormed(), { error: 'must not contain a lone surrogate' })

/** Text for argument vectors, environments and names, where a NUL would end the string. */
export const storableText = (maxBytes: number) =>
  wellFormedText
    .refine((text) => byteLength(text) <= maxBytes, { error: `must be at most ${maxBytes} bytes of UTF-8` })
    .refine((text) => !text.includes('\0'), { error: 'must not contain NUL' })
