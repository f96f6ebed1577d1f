export { toJsonForm } from '../protocol/json-form.ts';
