# The BEAM's side of `npm run bench:pipeline`: a demand-driven pipeline by hand, after GenStage's contract (asks
# of max - min, the consumer with the most demand is served) and without what GenStage adds to it. Reads lines
# such as `integers 8 1000 1000000` (work, consumers, maximal demand, events) and answers each with `done`.
defmodule Producer do
  # Asks come as events are done: once they add up to what was asked at first, all of them are.
  def run(_make, 0, asked, full, owner) when asked >= full, do: send(owner, :done)

  def run(make, left, asked, full, owner) do
    receive do
      {:ask, consumer, count} when left > 0 ->
        size = min(count, left)
        send(consumer, {:events, self(), make.(size)})
        run(make, left - size, asked + count - size, full, owner)

      {:ask, _consumer, count} ->
        run(make, left, asked + count, full, owner)
    end
  end
end

defmodule Relay do
  def start(above, max), do: spawn_link(fn -> begin(above, max) end)

  defp begin(above, max) do
    half = max(div(max, 2), 1)
    for _ <- 1..max(div(max, half), 1), do: send(above, {:ask, self(), half})
    loop(above)
  end

  defp loop(above) do
    receive do
      {:events, ^above, events} ->
        receive do
          {:ask, consumer, _count} -> send(consumer, {:events, self(), Enum.map(events, & &1)})
        end

        send(above, {:ask, self(), length(events)})
        loop(above)

      :stop ->
        :ok
    end
  end
end

defmodule Consumer do
  def start(above, max), do: spawn_link(fn -> begin(above, max) end)

  # As GenStage does: all of it at first, in halves, then a half whenever a half is done.
  defp begin(above, max) do
    half = max(div(max, 2), 1)
    for _ <- 1..max(div(max, half), 1), do: send(above, {:ask, self(), half})
    loop(above)
  end

  defp loop(above) do
    receive do
      {:events, ^above, events} ->
        count = count(events, 0)
        send(above, {:ask, self(), count})
        loop(above)

      :stop ->
        :ok
    end
  end

  defp count([], count), do: count
  defp count([_ | rest], count), do: count(rest, count + 1)
end

defmodule Bench do
  def serve do
    IO.puts("ready")
    loop()
  end

  defp loop do
    case IO.gets("") do
      :eof ->
        :ok

      line ->
        [work, consumers, max, events] = String.split(line)
        run(work, String.to_integer(consumers), String.to_integer(max), String.to_integer(events))
        IO.puts("done")
        loop()
    end
  end

  defp run(work, consumers, max, events) do
    owner = self()
    make = if work == "maps", do: &maps/1, else: &integers/1
    full = if work == "relay", do: max, else: max * consumers
    producer = spawn_link(fn -> Producer.run(make, events, 0, full, owner) end)
    relay = if work == "relay", do: [Relay.start(producer, max)], else: []
    above = List.first(relay) || producer
    stages = for _ <- 1..consumers, do: Consumer.start(above, max)
    receive do: (:done -> :ok)
    for stage <- relay ++ stages, do: send(stage, :stop)
  end

  defp integers(count), do: Enum.to_list(1..count)
  defp maps(count), do: Enum.map(1..count, &%{id: &1, key: rem(&1, 16)})
end

Bench.serve()
