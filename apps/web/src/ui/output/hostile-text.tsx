import styles from './output.module.css'
import { visible } from './visible.ts'

/** A caller's or program's string within a sentence: file names, test names, metadata. Isolated, marked, bounded. */
export function HostileText({ text, max = 500 }: { text: string; max?: number }) {
  const shown = text.length > max ? `${text.slice(0, max)}…` : text
  return (
    <bdi>
      {visible(shown).map((piece, index) =>
        piece.kind === 'text' ? (
          piece.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one immutable string never move
          <span key={index} className={styles.mark} title={piece.kind === 'mark' ? piece.title : 'terminal colour'}>
            {piece.kind === 'mark' ? piece.text : piece.text.replaceAll('\u001b', 'ESC ')}
          </span>
        ),
      )}
    </bdi>
  )
}
