export type Json = { [key: string]: Json } | Json[] | string | number | boolean | null

/**
 * A recursive schema brings `$defs` along, and refers to them from the root of its document, which in OpenAPI is not the
 * schema. Moves each to components/schemas, the same one once, and points the references there.
 */
export function liftDefinitions(document: { [key: string]: Json }): { [key: string]: Json } {
  const names = new Map<string, string>() // by content: two schemas may both call theirs __schema0
  const lifted: { [key: string]: Json } = {}

  const walk = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    const { $defs, ...rest } = node
    if (typeof $defs !== 'object' || $defs === null || Array.isArray($defs)) return mapValues(rest, walk)
    const renamed = new Map<string, string>()
    for (const [key, definition] of Object.entries($defs)) {
      const content = JSON.stringify(definition)
      const name = names.get(content) ?? `Shared${names.size + 1}`
      names.set(content, name)
      renamed.set(`#/$defs/${key}`, `#/components/schemas/${name}`)
    }
    for (const definition of Object.values($defs))
      lifted[names.get(JSON.stringify(definition)) ?? ''] = pointed(definition, renamed)
    return mapValues(pointed(rest, renamed) as { [key: string]: Json }, walk) // it was an object and stays one
  }

  const walked = walk(document) as { components: { schemas: { [key: string]: Json } } } & { [key: string]: Json } // an OpenAPI document
  return { ...walked, components: { ...walked.components, schemas: { ...walked.components.schemas, ...lifted } } }
}

function pointed(node: Json, renamed: ReadonlyMap<string, string>): Json {
  if (Array.isArray(node)) return node.map((item) => pointed(item, renamed))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? (renamed.get(value) ?? value) : pointed(value, renamed),
    ]),
  )
}

const mapValues = (node: { [key: string]: Json }, change: (value: Json) => Json) =>
  Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value)]))
