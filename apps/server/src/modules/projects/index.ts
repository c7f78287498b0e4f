/** Projects: what evaluations belong to inside an organization. */
export { createProject, findProject, type Project } from './store.ts'
