/** Projects: what evaluations belong to inside an organization. */
export { type ProjectIsolation, projectIsolation, setProjectIsolation } from './isolation-policy.ts'
export { describeMe } from './me.ts'
export { createProject, findProject, type Project } from './store.ts'
