import { Client } from 'pg'
import { type LoginRole, loginRoles, rolePassword, roleUrl } from './role-url.ts'

/** Attributes that row-level security rests on. `crucible_definer` owns the few reviewed functions that look past it. */
const attributes = {
  crucible_app: 'login nobypassrls nosuperuser nocreatedb nocreaterole',
  crucible_maint: 'login bypassrls nosuperuser nocreatedb nocreaterole',
  crucible_definer: 'nologin bypassrls nosuperuser nocreatedb nocreaterole',
} as const

type Found = { rolname: string; rolsuper: boolean; rolbypassrls: boolean; rolcanlogin: boolean }

/** Makes the roles that are missing and refuses to go on with one that could do more than it should. */
export async function ensureRoles(owner: Client, ownerUrl: string): Promise<void> {
  const { rows } = await owner.query<Found>(
    'select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = any($1) order by rolname',
    [Object.keys(attributes)],
  )
  for (const [name, wanted] of Object.entries(attributes)) {
    const found = rows.find((row) => row.rolname === name)
    if (found === undefined) await owner.query(`create role ${name} ${wanted}`)
    else if (
      found.rolsuper ||
      found.rolbypassrls !== / bypassrls/.test(` ${wanted}`) ||
      found.rolcanlogin !== wanted.startsWith('login')
    ) {
      throw new Error(`the database role ${name} has other rights than "${wanted}"; alter it before you start again`)
    }
  }
  for (const role of Object.keys(loginRoles) as LoginRole[]) {
    if (!(await canLogIn(roleUrl(ownerUrl, role)))) await setPassword(owner, ownerUrl, role)
  }
}

/** Asked instead of set each time: two databases of one server that migrate at once would collide over the shared role. */
async function canLogIn(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

const setPassword = (owner: Client, ownerUrl: string, role: LoginRole) =>
  owner.query(`alter role ${loginRoles[role]} password ${owner.escapeLiteral(rolePassword(ownerUrl, role))}`)
