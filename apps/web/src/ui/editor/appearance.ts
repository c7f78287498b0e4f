import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'

/**
 * The default style knows which tags belong together but has colours for white paper only. We keep its grouping and put
 * a variable of both palettes in the place of each colour.
 */
const variables: Readonly<Record<string, string>> = {
  '#708': '--c-syn-keyword',
  '#219': '--c-syn-number',
  '#164': '--c-syn-number',
  '#a11': '--c-syn-string',
  '#e40': '--c-syn-string',
  '#00f': '--c-syn-name',
  '#00c': '--c-syn-name',
  '#30a': '--c-syn-name',
  '#085': '--c-syn-type',
  '#167': '--c-syn-type',
  '#256': '--c-syn-type',
  '#940': '--c-syn-comment',
  '#f00': '--c-bad',
}

const highlight = HighlightStyle.define(
  defaultHighlightStyle.specs.map((spec) => {
    const variable = typeof spec['color'] === 'string' ? variables[spec['color']] : undefined
    return variable === undefined ? spec : { ...spec, color: `var(${variable})` }
  }),
)

export const appearance: Extension = [
  syntaxHighlighting(highlight),
  EditorView.theme({
    '&': {
      flex: '1',
      minWidth: '0',
      height: '100%',
      backgroundColor: 'var(--c-sunken)',
      color: 'var(--c-text)',
      fontSize: '12.5px',
    },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.55' },
    '.cm-content': { caretColor: 'var(--c-ember)', padding: '10px 0' },
    '.cm-line': { padding: '0 12px 0 8px' },
    '.cm-gutters': {
      backgroundColor: 'var(--c-sunken)',
      color: 'var(--c-faint)',
      border: 'none',
      paddingLeft: '6px',
      fontSize: '11px',
    },
    '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--c-hover) 55%, transparent)' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent' },
    '.cm-cursor': { borderLeft: '2px solid var(--c-ember)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      background: 'color-mix(in srgb, var(--c-live) 28%, transparent)',
    },
    '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--c-ember-wash)', outline: '1px solid var(--c-ember)' },
    '.cm-specialChar': { color: 'var(--c-alarm)', backgroundColor: 'var(--c-alarm-wash)' },
  }),
]
