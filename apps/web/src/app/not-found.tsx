import { Link } from '@tanstack/react-router'
import { Empty } from '../ui/states.tsx'

export const NotFound = () => (
  <main>
    <h1 className="hidden">Page not found</h1>
    <Empty title="There is no such page" action={<Link to="/">Run a program</Link>}>
      The address may be mistyped, or come from another version of Crucible.
    </Empty>
  </main>
)
