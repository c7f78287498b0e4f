/** Projects: what evaluations belong to inside an organization. */
export { describeMe } from './me.ts'
export { createProject, findProject, type Project } from './store.ts'
