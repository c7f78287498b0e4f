const { readFileSync } = require('node:fs')

console.log(`hello ${readFileSync(0, 'utf8').trim()}`)
