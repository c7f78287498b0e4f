/** Role-based access control: what a request is called, and whether a rule allows it. */
import { forbidden } from './refusal.ts'

export type Rule = {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}
export type Access = { readonly verb: string; readonly group: string; readonly resource: string; readonly name: string }

export function requireAllowed(rules: readonly Rule[], { verb, group, resource, name }: Access): void {
  const allowed = rules.some(
    (rule) =>
      rule.verbs.includes(verb) &&
      rule.apiGroups?.includes(group) &&
      rule.resources?.includes(resource) &&
      (rule.resourceNames === undefined || rule.resourceNames.includes(name)),
  )
  if (allowed) return
  throw forbidden(`${resource} is forbidden: User "executor" cannot ${verb} resource "${resource}" in API group "${group}"`)
}
