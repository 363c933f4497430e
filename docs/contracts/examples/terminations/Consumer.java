import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What a revenue team does with terminations.v1, with Kafka's own client: stops the bill on the last day, books what is
 * settled, closes once.
 *
 * <p>PostgreSQL keeps the key of every fact in the transaction of its effect: both are there, or neither is. Kafka's
 * offset is committed after that. Whatever dies in between, the fact comes again, and its key is known. A fact that
 * cannot be acted on ends the program, and what comes after it waits: whoever runs it starts it again.
 *
 * <p>Environment: KAFKA=localhost:9092, DATABASE=jdbc:postgresql://…
 */
public final class Consumer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Connection database;

  private Consumer(Connection database) {
    this.database = database;
  }

  public static void main(String[] words) throws SQLException, IOException {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", System.getenv("KAFKA"));
    settings.put("group.id", "revenue");
    settings.put("enable.auto.commit", "false"); // the default commits by the clock, whether anything was done or not
    settings.put("auto.offset.reset", "earliest"); // the default passes over what was told before the first start
    settings.put("allow.auto.create.topics", "false");
    settings.put("max.poll.records", "100");
    settings.put("key.deserializer", StringDeserializer.class.getName());
    settings.put("value.deserializer", StringDeserializer.class.getName());
    try (Connection database = DriverManager.getConnection(System.getenv("DATABASE"));
        KafkaConsumer<String, String> kafka = new KafkaConsumer<>(settings)) {
      database.setAutoCommit(false);
      Thread main = Thread.currentThread();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> wakeUp(kafka, main)));
      kafka.subscribe(List.of("terminations.v1"));
      new Consumer(database).run(kafka);
    } catch (WakeupException asked) {
      // SIGTERM: what was not committed comes again
    }
  }

  private static void wakeUp(KafkaConsumer<String, String> kafka, Thread main) {
    kafka.wakeup();
    try {
      main.join();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(KafkaConsumer<String, String> kafka) throws SQLException, IOException {
    while (true) {
      for (ConsumerRecord<String, String> record : kafka.poll(Duration.ofSeconds(1))) {
        actOnce(JSON.readTree(record.value()));
      }
      try {
        kafka.commitSync();
      } catch (RetriableException | CommitFailedException later) {
        // The broker is away, or the partition is another's by now: what was not committed comes again.
      }
    }
  }

  /** Acts on a fact, unless its key is known. Types and fields that a later version adds are passed over. */
  private void actOnce(JsonNode fact) throws SQLException {
    Effect effect = effectOf(fact.get("type").textValue());
    if (effect == null) {
      return;
    }
    try {
      if (isNew(fact)) {
        effect.on(fact);
      }
      database.commit();
    } catch (SQLException | RuntimeException failure) {
      database.rollback();
      throw failure;
    }
  }

  private interface Effect {
    void on(JsonNode fact) throws SQLException;
  }

  private Effect effectOf(String type) {
    return switch (type) {
      case "TerminationAnnounced", "TerminationChanged" -> this::announcedOrChanged;
      case "TerminationWithdrawn" -> this::withdrawn;
      case "MilestoneReached" -> this::milestoneReached;
      case "TerminationCompleted" -> this::completed;
      default -> null;
    };
  }

  /** Keeps the fact's key; tells whether it is new. Of two processes the second waits until the first has committed. */
  private boolean isNew(JsonNode fact) throws SQLException {
    return write(
            "INSERT INTO acted_on (idempotency_key) VALUES (?) ON CONFLICT DO NOTHING", text(fact, "idempotency_key"))
        == 1;
  }

  /** What is told takes the place of everything before. */
  private void announcedOrChanged(JsonNode fact) throws SQLException {
    if (!holds(fact, "announced")) {
      return;
    }
    JsonNode termination = fact.get("termination");
    billUntil(fact, day(termination, "effective_on"));
    takeBack(fact);
    for (JsonNode settlement : termination.get("settlement")) {
      for (JsonNode line : settlement.get("lines")) {
        book(fact, text(line, "currency"), new BigDecimal(text(line, "amount")), text(line, "what"));
      }
    }
  }

  /** The relationship goes on: so do its bills, and nothing is owed for an ending. */
  private void withdrawn(JsonNode fact) throws SQLException {
    if (holds(fact, "withdrawn")) {
      billUntil(fact, null);
      takeBack(fact);
    }
  }

  /** Notes what is done. */
  private void milestoneReached(JsonNode fact) throws SQLException {
    write(
        "INSERT INTO milestones (termination_id, milestone_id, kind, reached_on) VALUES (?, ?, ?, ?)",
        text(fact, "termination_id"), text(fact, "milestone_id"), text(fact, "kind"), day(fact, "on"));
  }

  /** Closes the customer's account. */
  private void completed(JsonNode fact) throws SQLException {
    if (holds(fact, "completed")) {
      write(
          "INSERT INTO closings (termination_id, customer_id, closed_on) VALUES (?, ?, ?)",
          text(fact, "termination_id"), text(fact, "customer_id"), day(fact, "effective_on"));
    }
  }

  /** Keeps how the ending stands; tells whether this is the highest revision so far: a late one changes nothing. */
  private boolean holds(JsonNode fact, String state) throws SQLException {
    return write(
            """
            INSERT INTO endings (termination_id, customer_id, revision, state) VALUES (?, ?, ?, ?)
            ON CONFLICT (termination_id) DO UPDATE SET revision = excluded.revision, state = excluded.state
            WHERE endings.revision < excluded.revision
            """,
            text(fact, "termination_id"), text(fact, "customer_id"), fact.get("revision").longValue(), state)
        == 1;
  }

  /** Sets the last day that the customer is billed for; null: bills go on. */
  private void billUntil(JsonNode fact, LocalDate lastDay) throws SQLException {
    write(
        """
        INSERT INTO subscriptions (customer_id, billed_until) VALUES (?, ?::date)
        ON CONFLICT (customer_id) DO UPDATE SET billed_until = excluded.billed_until
        """,
        text(fact, "customer_id"), lastDay);
  }

  /** Books the opposite of what is booked for the ending by now, in each currency. */
  private void takeBack(JsonNode fact) throws SQLException {
    Map<String, BigDecimal> booked = new LinkedHashMap<>();
    String sql =
        "SELECT currency, sum(amount) FROM bookings WHERE termination_id = ? GROUP BY currency HAVING sum(amount) <> 0";
    try (PreparedStatement statement = database.prepareStatement(sql)) {
      statement.setString(1, text(fact, "termination_id"));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          booked.put(rows.getString(1), rows.getBigDecimal(2));
        }
      }
    }
    for (Map.Entry<String, BigDecimal> one : booked.entrySet()) {
      book(fact, one.getKey(), one.getValue().negate(), "taken back");
    }
  }

  /** Books an amount; its payment carries the fact's key on to the bank. */
  private void book(JsonNode fact, String currency, BigDecimal amount, String what) throws SQLException {
    write(
        "INSERT INTO bookings (termination_id, idempotency_key, currency, amount, what) VALUES (?, ?, ?, ?, ?)",
        text(fact, "termination_id"), text(fact, "idempotency_key"), currency, amount, what);
  }

  private int write(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = database.prepareStatement(sql)) {
      for (int place = 0; place < values.length; place++) {
        statement.setObject(place + 1, values[place]);
      }
      return statement.executeUpdate();
    }
  }

  private static String text(JsonNode node, String field) {
    return node.required(field).asText();
  }

  private static LocalDate day(JsonNode node, String field) {
    return LocalDate.parse(text(node, field));
  }
}
