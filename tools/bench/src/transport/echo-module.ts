import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

/** The same handler behind every transport that Nest serves here. */
@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [EchoController] })
export class EchoModule {}
