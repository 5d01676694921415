export { eraseTemplatesOf } from './erase-templates.ts';
export { type Part, placesOf, readPlaces } from './places.ts';
export { AUDIENCES, TEMPLATE_SIZES, type Template } from './template.ts';
export { Templates } from './templates.ts';
export { TemplatesModule } from './templates.module.ts';
