const greet = (name: string): string => `Hello, ${name}, from TypeScript`

console.log(greet(process.argv[2] ?? 'world'))
