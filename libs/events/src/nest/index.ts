export { EventsModule } from './events.module.ts';
export type { ConsumerDeclaration, EventsModuleOptions } from './events.module.ts';
