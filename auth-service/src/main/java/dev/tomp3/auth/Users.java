package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The accounts in MySQL.
 *
 * <p>At least one administrator who can log in always remains. A change that could remove one locks
 * the rows of all administrators first, so that simultaneous changes are serialized and the last
 * one is rejected.
 */
@Repository
class Users {
    private final EntityManager entities;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Counter administratorsAdded;

    Users(
            EntityManager entities,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            MeterRegistry registry) {
        this.entities = entities;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.administratorsAdded =
                Counter.builder("administrators.added")
                        .description("Accounts that became administrators")
                        .register(registry);
    }

    /**
     * @throws ProblemException when the address already has an account
     */
    User add(User user) {
        try {
            transaction.executeWithoutResult(status -> entities.persist(user));
            if (user.admin()) administratorsAdded.increment();
            return user;
        } catch (DataIntegrityViolationException e) {
            throw taken();
        }
    }

    /**
     * Checks this before the password is hashed, which is expensive.
     *
     * @throws ProblemException when the address already has an account
     */
    void requireFree(EmailAddress email) {
        if (find(email).isPresent()) throw taken();
    }

    /**
     * Checks this before a password is hashed, too.
     *
     * @throws ProblemException when there is no such user
     */
    User requireKnown(String id) {
        return find(id).orElseThrow(Users::unknown);
    }

    Optional<User> find(String id) {
        return Optional.ofNullable(entities.find(User.class, id));
    }

    /** The id alone, without loading the user. */
    Optional<String> findId(EmailAddress email) {
        return jdbc.sql("SELECT id FROM users WHERE email = ?")
                .param(email.value())
                .query(String.class)
                .optional();
    }

    Optional<User> find(EmailAddress email) {
        return entities
                .createQuery("select u from User u where u.email = ?1", User.class)
                .setParameter(1, email.value())
                .getResultList()
                .stream()
                .findFirst();
    }

    /** Those whose address contains this text, newest first. */
    List<User> newest(String email, int limit) {
        return entities.createQuery(
                        "select u from User u where locate(?1, u.email) > 0 order by u.createdAt"
                                + " desc, u.id desc",
                        User.class)
                .setParameter(1, email.toLowerCase(Locale.ROOT))
                .setMaxResults(limit)
                .getResultList();
    }

    /** The users that follow this one in the order of {@link #newest}. */
    List<User> newestAfter(Instant createdAt, String id, String email, int limit) {
        return entities.createQuery(
                        "select u from User u where locate(?3, u.email) > 0 and (u.createdAt < ?1"
                                + " or (u.createdAt = ?1 and u.id < ?2)) order by u.createdAt desc,"
                                + " u.id desc",
                        User.class)
                .setParameter(1, createdAt.toEpochMilli())
                .setParameter(2, id)
                .setParameter(3, email.toLowerCase(Locale.ROOT))
                .setMaxResults(limit)
                .getResultList();
    }

    /**
     * @throws ProblemException when there is no such user, or no administrator would remain
     */
    User update(String id, Consumer<User> change) {
        AtomicBoolean before = new AtomicBoolean();
        User changed =
                change(
                        id,
                        user -> {
                            before.set(user.admin());
                            boolean needed = user.admin() && !user.disabled();
                            change.accept(user);
                            return needed && (!user.admin() || user.disabled());
                        });
        if (changed.admin() && !before.get()) administratorsAdded.increment();
        return changed;
    }

    /**
     * @throws ProblemException when there is no such user, or no administrator would remain
     */
    void remove(String id) {
        change(
                id,
                user -> {
                    entities.remove(user);
                    return user.admin() && !user.disabled();
                });
    }

    /**
     * Invalidates all tokens of the user.
     *
     * @return false if the password was changed since it was checked
     */
    boolean replacePassword(String id, String checkedHash, String newHash) {
        return Boolean.TRUE.equals(
                transaction.execute(status -> {
                    @Nullable User user = locked(id);
                    if (user == null || !user.passwordHash().equals(checkedHash)) return false;
                    user.passwordHash(newHash);
                    return true;
                }));
    }

    void endTokens(String id) {
        transaction.executeWithoutResult(status -> {
            @Nullable User user = locked(id);
            if (user != null) user.endTokens();
        });
    }

    /** Replaces the hash of a password that stays the same, unless it was changed meanwhile. */
    void rehash(String id, String checkedHash, String newHash) {
        transaction.executeWithoutResult(status -> {
            @Nullable User user = locked(id);
            if (user != null && user.passwordHash().equals(checkedHash)) user.rehashed(newHash);
        });
    }

    private interface Change {
        /** Returns whether it removed an administrator. */
        boolean apply(User user);
    }

    private User change(String id, Change change) {
        User changed =
                transaction.execute(status -> {
                    // these first and always in the same order, to avoid deadlocks
                    int administrators = lock("admin = TRUE AND disabled = FALSE ORDER BY id");
                    @Nullable User user = locked(id);
                    if (user == null) throw unknown();
                    if (change.apply(user) && administrators == 1) {
                        throw new ProblemException(
                                Problem.LAST_ADMINISTRATOR,
                                "This is the last administrator. Create another one first.");
                    }
                    return user;
                });
        if (changed == null) throw new IllegalStateException("No user");
        return changed;
    }

    private @Nullable User locked(String id) {
        return lock("id = ?1", id) == 0 ? null : entities.find(User.class, id);
    }

    /** Locks rows before they are read, so that the latest committed state is read. */
    private int lock(String which, Object... parameters) {
        Query query =
                entities.createNativeQuery(
                        "SELECT id FROM users WHERE " + which + " FOR UPDATE", String.class);
        for (int i = 0; i < parameters.length; i++) query.setParameter(i + 1, parameters[i]);
        return query.getResultList().size();
    }

    private static ProblemException unknown() {
        return new ProblemException(Problem.NOT_FOUND, "User not found.");
    }

    private static ProblemException taken() {
        return new ProblemException(Problem.EMAIL_TAKEN, "The address already has an account.");
    }
}
