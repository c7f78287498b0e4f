import type { Extension } from '@codemirror/state'

/** Grammars by language name, each fetched when first chosen. A language without one is shown as plain text. */
const grammars: Readonly<Record<string, () => Promise<Extension>>> = {
  python: () => import('@codemirror/lang-python').then((module) => module.python()),
  javascript: () => import('@codemirror/lang-javascript').then((module) => module.javascript()),
  typescript: () => import('@codemirror/lang-javascript').then((module) => module.javascript({ typescript: true })),
  c: () => import('@codemirror/lang-cpp').then((module) => module.cpp()),
  cpp: () => import('@codemirror/lang-cpp').then((module) => module.cpp()),
  java: () => import('@codemirror/lang-java').then((module) => module.java()),
  bash: async () => {
    const [{ StreamLanguage }, { shell }] = await Promise.all([
      import('@codemirror/language'),
      import('@codemirror/legacy-modes/mode/shell'),
    ])
    return StreamLanguage.define(shell)
  },
}

export const languageOf = (name: string): Promise<Extension> => grammars[name]?.() ?? Promise.resolve([])
