import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The job in Kafka Streams: exactly_once_v2, RocksDB stores with changelogs, until SIGTERM.
 *
 * <p>Tuned: two threads on two cores, a little better than one; a commit every 300 ms, as fast as each second and
 * better than each 100 ms; a cache that holds what changes between two of them, so that sums go to RocksDB and the
 * changelog once a commit; no cache for ids, which are written once; binary values; large batches and fetches. Which
 * garbage collector makes no difference that could be told from noise.
 */
final class Yardstick {

    private static final String SEEN = "seen"; // event id, 16 bytes -> no bytes
    private static final String KEPT = "kept"; // customer|metric|day -> sum and count, two longs
    private static final String POINTS = "points"; // customer -> the sum of each metric

    // As in bench/job.py.
    private static final int MOST_OF_A_METRIC = 45;
    private static final int YELLOW_FROM = 144;
    private static final int GREEN_FROM = 252;

    private Yardstick() {}

    public static void main(String[] arguments) {
        Map<String, String> given = System.getenv();
        var streams = new org.apache.kafka.streams.KafkaStreams(
            topology(given.get("BENCH_TOPIC"), given.get("BENCH_TOLD")), settings(given));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(20))));
        streams.start();
    }

    private static Properties settings(Map<String, String> given) {
        var settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, given.get("BENCH_GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, given.get("BENCH_KAFKA"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, given.get("BENCH_FOLDER") + "/state");
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 300);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L * 1024 * 1024);
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 * 1024 * 1024);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 50);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64L * 1024 * 1024);
        return settings;
    }

    private static Topology topology(String topic, String told) {
        var builder = new StreamsBuilder();
        builder.stream(topic, Consumed.with(Serdes.String(), Serdes.ByteArray()))
            .process(new Taking.Supplier())
            .to(told, Produced.with(Serdes.String(), Serdes.ByteArray()));
        return builder.build();
    }

    /** Takes the events of a partition, one by one. */
    private static final class Taking implements Processor<String, byte[], String, byte[]> {

        private final JsonFactory json = new JsonFactory();
        private final ObjectMapper mapper = new ObjectMapper();
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<Bytes, byte[]> seen;
        private KeyValueStore<String, Kept> kept;
        private KeyValueStore<String, Map<String, Integer>> points;

        @Override
        public void init(ProcessorContext<String, byte[]> itsContext) {
            context = itsContext;
            seen = context.getStateStore(SEEN);
            kept = context.getStateStore(KEPT);
            points = context.getStateStore(POINTS);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            try {
                take(record, Event.parse(json, record.value()));
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }

        private void take(Record<String, byte[]> record, Event event) throws IOException {
            if (seen.putIfAbsent(event.key(), new byte[0]) != null) {
                return;
            }
            String key = event.customer + "|" + event.metric + "|" + event.occurredAt.substring(0, 10);
            Kept before = kept.get(key);
            kept.put(key, before == null ? new Kept(event.quantity, 1)
                : new Kept(before.sum + event.quantity, before.count + 1));

            Map<String, Integer> sums = points.get(event.customer);
            if (sums == null) {
                sums = new HashMap<>();
            }
            String bandBefore = band(sums);
            sums.merge(event.metric, event.quantity, Integer::sum);
            points.put(event.customer, sums);
            String band = band(sums);
            if (!band.equals(bandBefore)) {
                byte[] change = mapper.writeValueAsBytes(Map.of("customer_id", event.customer, "band", band));
                context.forward(record.withKey(event.customer).withValue(change));
            }
        }

        private static String band(Map<String, Integer> sums) {
            int all = 0;
            for (int sum : sums.values()) {
                all += Math.min(sum, MOST_OF_A_METRIC);
            }
            return all < YELLOW_FROM ? "red" : all < GREEN_FROM ? "yellow" : "green";
        }

        private static final class Supplier implements ProcessorSupplier<String, byte[], String, byte[]> {

            @Override
            public Processor<String, byte[], String, byte[]> get() {
                return new Taking();
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(
                    Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(SEEN), Serdes.Bytes(), Serdes.ByteArray()),
                    Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(KEPT), Serdes.String(), Kept.SERDE).withCachingEnabled(),
                    Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(POINTS), Serdes.String(), Sums.SERDE).withCachingEnabled());
            }
        }
    }

    /** What the job needs of an event. */
    private static final class Event {

        private String id;
        private String customer;
        private String metric;
        private String occurredAt;
        private int quantity;

        private static Event parse(JsonFactory json, byte[] body) throws IOException {
            var event = new Event();
            try (JsonParser parser = json.createParser(body)) {
                parser.nextToken();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String field = parser.currentName();
                    parser.nextToken();
                    switch (field) {
                        case "event_id" -> event.id = parser.getText();
                        case "customer_id" -> event.customer = parser.getText();
                        case "metric" -> event.metric = parser.getText();
                        case "occurred_at" -> event.occurredAt = parser.getText();
                        case "quantity" -> event.quantity = (int) parser.getDoubleValue();
                        default -> parser.skipChildren();
                    }
                }
            }
            return event;
        }

        private Bytes key() {
            UUID uuid = UUID.fromString(id);
            return Bytes.wrap(ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).array());
        }
    }

    private record Kept(long sum, long count) {

        private static final Serde<Kept> SERDE = Serdes.serdeFrom(
            (topic, kept) -> kept == null ? null
                : ByteBuffer.allocate(16).putLong(kept.sum).putLong(kept.count).array(),
            (topic, bytes) -> {
                if (bytes == null) {
                    return null;
                }
                var buffer = ByteBuffer.wrap(bytes);
                return new Kept(buffer.getLong(), buffer.getLong());
            });
    }

    /** The sum of each metric as bytes: for each the length of its name, its name, its sum. */
    private static final class Sums {

        private static final Serde<Map<String, Integer>> SERDE = Serdes.serdeFrom(
            (topic, sums) -> sums == null ? null : write(sums), (topic, bytes) -> bytes == null ? null : read(bytes));

        private static byte[] write(Map<String, Integer> sums) {
            var names = new byte[sums.size()][];
            int size = 0;
            int index = 0;
            for (String name : sums.keySet()) {
                names[index] = name.getBytes(StandardCharsets.UTF_8);
                size += 8 + names[index++].length;
            }
            var buffer = ByteBuffer.allocate(size);
            index = 0;
            for (int sum : sums.values()) {
                buffer.putInt(names[index].length).put(names[index++]).putInt(sum);
            }
            return buffer.array();
        }

        private static Map<String, Integer> read(byte[] bytes) {
            var sums = new HashMap<String, Integer>();
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                var name = new byte[buffer.getInt()];
                buffer.get(name);
                sums.put(new String(name, StandardCharsets.UTF_8), buffer.getInt());
            }
            return sums;
        }
    }
}
