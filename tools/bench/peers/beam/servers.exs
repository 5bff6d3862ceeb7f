# The BEAM's side of `npm run bench:supervision`. Reads lines such as `call 10000` from standard input, does
# so many of them in compiled code, and answers each line with one line: `done`, or a figure.
defmodule Counter do
  use GenServer

  def start_link({count, opts}), do: GenServer.start_link(__MODULE__, count, opts)

  @impl true
  def init({:tell, pid}) do
    send(pid, {:init, System.monotonic_time(:nanosecond), self()})
    {:ok, 0}
  end

  def init(count), do: {:ok, count}

  @impl true
  def handle_call(:value, _from, count), do: {:reply, count, count}
  def handle_call({:add, by}, _from, count), do: {:reply, count + by, count + by}

  @impl true
  def handle_cast({:add, by}, count), do: {:noreply, count + by}
end

defmodule Bench do
  @keys 1_000
  @supervisor Bench.Supervisor
  @registry Bench.Registry

  def serve do
    {:ok, _} = Registry.start_link(keys: :unique, name: @registry)
    {:ok, _} = DynamicSupervisor.start_link(name: @supervisor, strategy: :one_for_one, max_restarts: 1_000_000_000)
    {:ok, counter} = DynamicSupervisor.start_child(@supervisor, {Counter, {0, []}})
    for key <- 0..(@keys - 1), do: {:ok, _} = start("key #{key}", :temporary)
    IO.puts("ready")
    loop(counter)
  end

  defp loop(counter) do
    case IO.gets("") do
      :eof ->
        :ok

      line ->
        [work, count] = String.split(line)
        IO.puts(run(work, String.to_integer(count), counter))
        loop(counter)
    end
  end

  defp run("call", count, counter), do: calls(count, counter)
  defp run("cast", count, counter), do: casts(count, counter)
  defp run("start", count, _counter), do: starts(count)
  defp run("lookup", count, _counter), do: lookups(count)

  defp run("memory", count, _counter) do
    :erlang.garbage_collect()
    before = :erlang.memory(:total)

    servers =
      for index <- 1..count do
        {:ok, pid} = DynamicSupervisor.start_child(@supervisor, {Counter, {index, []}})
        pid
      end

    bytes = (:erlang.memory(:total) - before) / count
    for pid <- servers, do: DynamicSupervisor.terminate_child(@supervisor, pid)
    bytes
  end

  # The median time from a kill to the next init, in microseconds. A pause before each kill, since
  # crashes come out of the blue.
  defp run("restart", count, _counter) do
    {:ok, first} = DynamicSupervisor.start_child(@supervisor, {Counter, {{:tell, self()}, []}})
    receive do: ({:init, _, _} -> :ok)
    {latencies, last} = Enum.map_reduce(1..count, first, fn _, pid -> restart(pid) end)
    DynamicSupervisor.terminate_child(@supervisor, last)
    Enum.at(Enum.sort(latencies), div(count, 2)) / 1_000
  end

  defp restart(pid) do
    Process.sleep(1)
    before = System.monotonic_time(:nanosecond)
    Process.exit(pid, :kill)
    receive do: ({:init, at, next} -> {at - before, next})
  end

  defp calls(0, _counter), do: "done"

  defp calls(count, counter) do
    GenServer.call(counter, {:add, 1})
    calls(count - 1, counter)
  end

  defp casts(0, counter) do
    GenServer.call(counter, :value)
    "done"
  end

  defp casts(count, counter) do
    GenServer.cast(counter, {:add, 1})
    casts(count - 1, counter)
  end

  defp starts(0), do: "done"

  defp starts(count) do
    {:ok, pid} = start("started #{count}", :temporary)
    :ok = DynamicSupervisor.terminate_child(@supervisor, pid)
    starts(count - 1)
  end

  defp lookups(0), do: "done"

  defp lookups(count) do
    GenServer.call({:via, Registry, {@registry, "key #{rem(count, @keys)}"}}, :value)
    lookups(count - 1)
  end

  defp start(key, restart) do
    opts = [name: {:via, Registry, {@registry, key}}]
    DynamicSupervisor.start_child(@supervisor, %{id: key, restart: restart, start: {Counter, :start_link, [{0, opts}]}})
  end
end

Bench.serve()
