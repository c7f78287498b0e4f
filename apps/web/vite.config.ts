import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { sizeBudget } from './budget.ts'
import { contentSecurityPolicy } from './content-security-policy.ts'

export default defineConfig(({ command }) => {
  // Whoever calls: a test runner's own value would build React for development.
  // biome-ignore lint/style/noProcessEnv: written, not read; it is how vite and React are told
  if (command === 'build') process.env.NODE_ENV = 'production'
  return {
    root: import.meta.dirname,
    base: './', // together with <base> in index.html: one build for any path
    plugins: [react(), contentSecurityPolicy(), sizeBudget()],
    server: { proxy: { '/api': 'http://127.0.0.1:3000' } },
    build: { outDir: 'dist', emptyOutDir: true, reportCompressedSize: false, target: 'es2022' },
  }
})
