export { TaskJinja, type TaskTemplate } from './jinja.ts';
