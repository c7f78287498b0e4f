import { readFileSync } from 'node:fs'

type Greeting = { readonly whom: string }
const greeting: Greeting = { whom: readFileSync(0, 'utf8').trim() }
console.log(`hello ${greeting.whom}`)
