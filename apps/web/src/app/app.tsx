import './mantine.css'
import './tokens.css'
import './base.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, useState } from 'react'
import type { Session } from '../api/session.ts'
import { SessionContext } from '../api/session-context.ts'
import { createAppQueryClient } from './query-client.ts'
import { createAppRouter } from './router.tsx'
import { theme } from './theme.ts'

/** Wires the session, the query cache and the router together; each is made once for the life of the page. */
export function App({ session, basePath }: { session: Session; basePath: string }) {
  const [queryClient] = useState(() => createAppQueryClient(session))
  const [router] = useState(() => createAppRouter({ session, queryClient }, basePath))
  return (
    <StrictMode>
      {/* Mantine's own <style> elements stay out: the page's policy forbids inline styles, and tokens.css has the values. */}
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <SessionContext value={session}>
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </SessionContext>
      </MantineProvider>
    </StrictMode>
  )
}
