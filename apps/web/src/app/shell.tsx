import { ActionIcon, Button, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { meQuery } from '../api/queries.ts'
import { useClient, useSession } from '../api/session-context.ts'
import { DownIcon, ListIcon, MoonIcon, PlayIcon, ServerIcon, SunIcon } from '../ui/icons.tsx'
import { Mark } from '../ui/mark.tsx'
import styles from './shell.module.css'

const places = [
  { to: '/', word: 'Run', Icon: PlayIcon },
  { to: '/evaluations', word: 'Evaluations', Icon: ListIcon },
  { to: '/executors', word: 'Executors', Icon: ServerIcon },
] as const

/** The frame of every screen behind the sign-in. */
export function Shell() {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const seen = useRef(path)

  // A page change without a page load: focus goes to the new page, so that keyboard and screen reader are there too.
  useEffect(() => {
    if (path === undefined || path === seen.current) return
    if (seen.current !== undefined) main.current?.focus()
    seen.current = path
  }, [path])

  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className={styles.top}>
        <Link to="/" className={styles.brand}>
          <Mark size={20} />
          Crucible
        </Link>
        <nav aria-label="Main">
          <ul className={styles.places}>
            {places.map(({ to, word, Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  className={styles.place}
                  activeProps={{ 'data-current': true }}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                >
                  <Icon size={14} />
                  {word}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <span className={styles.spring} />
        <SchemeButton />
        <Account />
      </header>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </div>
  )
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true }) // else it adds an inline style, which the page forbids
  const other = useComputedColorScheme('dark') === 'dark' ? 'light' : 'dark'
  return (
    <Tooltip label={`Use the ${other} colours`}>
      <ActionIcon aria-label={`Use the ${other} colours`} onClick={() => setColorScheme(other)}>
        {other === 'light' ? <SunIcon /> : <MoonIcon />}
      </ActionIcon>
    </Tooltip>
  )
}

function Account() {
  const session = useSession()
  const me = useQuery(meQuery(useClient())).data
  return (
    <Menu position="bottom-end" width={260} withinPortal={false}>
      <Menu.Target>
        <Button variant="subtle" color="gray" rightSection={<DownIcon size={12} />} aria-haspopup="menu">
          {me === undefined ? 'Account' : `${me.organization.slug} / ${me.project.key}`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {me !== undefined && (
          <dl className={styles.account}>
            <dt>Organization</dt>
            <dd>{me.organization.name}</dd>
            <dt>Project</dt>
            <dd>{me.project.name}</dd>
            <dt>User</dt>
            <dd>
              {me.user.name}, {me.user.role}
            </dd>
            <dt>Key</dt>
            <dd>
              {me.apiKey.name} <code>{me.apiKey.prefix}…</code>
            </dd>
          </dl>
        )}
        <Menu.Item onClick={() => session.signOut('by_choice')}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
