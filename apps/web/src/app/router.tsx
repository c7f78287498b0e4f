import { type EvaluationId, idSchema } from '@crucible/contracts'
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import type { Session } from '../api/session.ts'
import { readListSearch } from '../features/evaluations/list-search.ts'
import { SignInPage } from '../features/sign-in/sign-in-page.tsx'
import { Failure } from '../ui/states.tsx'
import { NotFound } from './not-found.tsx'

export type RouterContext = { readonly session: Session; readonly queryClient: QueryClient }

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFound })

/** Only a path of this app: a link with a foreign `to` must not send a signed-in reader elsewhere. */
const localPath = (value: unknown) => (typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined)

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string } => {
    const to = localPath(search['to'])
    return to === undefined ? {} : { to }
  },
  beforeLoad: ({ context, search }) => {
    if (context.session.state().client !== null) throw redirect({ to: search.to ?? '/' })
  },
  component: SignInPage,
})

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: ({ context, location }) => {
    if (context.session.state().client === null)
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { to: location.href } })
  },
  component: lazyRouteComponent(() => import('./shell.tsx'), 'Shell'),
})

const evaluationId = idSchema('evl')

const run = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { evaluation?: EvaluationId } => {
    const evaluation = evaluationId.safeParse(search['evaluation'])
    return evaluation.success ? { evaluation: evaluation.data } : {}
  },
  component: lazyRouteComponent(() => import('../features/run/run-page.tsx'), 'RunPage'),
})

const evaluations = createRoute({
  getParentRoute: () => signedIn,
  path: '/evaluations',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('../features/evaluations/list-page.tsx'), 'ListPage'),
})

const evaluation = createRoute({
  getParentRoute: () => signedIn,
  path: '/evaluations/$id',
  component: lazyRouteComponent(() => import('../features/evaluations/detail-page.tsx'), 'DetailPage'),
})

const batch = createRoute({
  getParentRoute: () => signedIn,
  path: '/batches/$id',
  component: lazyRouteComponent(() => import('../features/batches/batch-page.tsx'), 'BatchPage'),
})

const executors = createRoute({
  getParentRoute: () => signedIn,
  path: '/executors',
  component: lazyRouteComponent(() => import('../features/executors/executors-page.tsx'), 'ExecutorsPage'),
})

const routeTree = root.addChildren([signIn, signedIn.addChildren([run, evaluations, evaluation, batch, executors])])

export function createAppRouter(context: RouterContext, basepath: string) {
  const router = createRouter({
    routeTree,
    context,
    basepath,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
    defaultNotFoundComponent: NotFound,
  })
  // Signing in or out changes who may be where: the guards above decide anew.
  context.session.subscribe(() => void router.invalidate())
  return router
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
