import './app/no-eval.ts'
import { createRoot } from 'react-dom/client'
import { createSession } from './api/session.ts'
import { App } from './app/app.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
// The page's own address is the server's: behind a proxy that adds a path, <base> carries it.
createRoot(root).render(
  <App session={createSession(document.baseURI, sessionStorage)} basePath={new URL(document.baseURI).pathname} />,
)
