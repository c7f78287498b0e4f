/** A language as this machine has it: tools found, version known, host paths settled. Ready to be turned into runs. */
import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Show } from '../engine.ts'
import type { RuntimeInfo } from '../spec.ts'
import { expand, placeholders, type Values } from './expand.ts'
import { type Found, insidePath } from './find-tools.ts'
import type { Language, Stage } from './language.ts'

export type Runtime = {
  readonly language: Language
  readonly info: RuntimeInfo
  readonly values: Values
  /** Host paths that each stage sees; settled once, because looking them up costs as much as a small run. */
  readonly shown: ReadonlyMap<Stage, readonly Show[]>
}

/** The placeholders that hold for every job of this runtime. */
export function toolValues(found: Found, optional: readonly string[]): Values {
  const values: Record<string, string | readonly string[]> = { optional }
  for (const [name, host] of Object.entries(found)) {
    const path = insidePath(host)
    values[name] = path
    values[`home:${name}`] = dirname(dirname(path))
    values[`name:${name}`] = basename(path)
  }
  return values
}

/** The host paths of every stage: the tools its command names, and what exists of its `show`. */
export function shownByStage(language: Language, found: Found, values: Values): ReadonlyMap<Stage, readonly Show[]> {
  const stages = [language.compile, language.run, language.harness?.compile, language.harness?.run]
  return new Map(stages.flatMap((stage) => (stage == null ? [] : [[stage, shown(stage, found, values)] as const])))
}

/** `python`, an alias, with or without a version. Undefined: not offered here. */
export function findRuntime(runtimes: readonly Runtime[], name: string, version: string | null): Runtime | undefined {
  return runtimes.find(
    ({ language, info }) =>
      (language.name === name || language.aliases.includes(name)) && (version === null || info.version === version),
  )
}

function shown(stage: Stage, found: Found, values: Values): readonly Show[] {
  const named = new Set(placeholders(stage.command))
  const tools = Object.entries(found).filter(([name]) => named.has(name))
  const inPlace = tools.flatMap(([, host]) => (insidePath(host) === host ? [host] : []))
  const elsewhere = tools.flatMap(([, host]) => (insidePath(host) === host ? [] : [{ host, inside: insidePath(host) }]))
  const globbed = expand(stage.show, values).flatMap((pattern) => globSync(pattern).toSorted())
  return [...new Set([...globbed, ...inPlace]), ...elsewhere]
}
