package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The accounts in MySQL.
 *
 * <p>One administrator who can log in always remains: whoever takes one away first locks the rows
 * of all of them, so that two who take each other away do it one after the other, and the second is
 * refused.
 */
@Repository
class Users {
    private final EntityManager entities;
    private final TransactionTemplate transaction;

    Users(EntityManager entities, TransactionTemplate transaction) {
        this.entities = entities;
        this.transaction = transaction;
    }

    /**
     * @throws ProblemException when the address has an account
     */
    User add(User user) {
        try {
            transaction.executeWithoutResult(status -> entities.persist(user));
            return user;
        } catch (DataIntegrityViolationException e) {
            throw taken();
        }
    }

    /**
     * Before the work of making an account is done.
     *
     * @throws ProblemException when the address has one
     */
    void requireFree(EmailAddress email) {
        if (find(email).isPresent()) throw taken();
    }

    Optional<User> find(String id) {
        return Optional.ofNullable(entities.find(User.class, id));
    }

    Optional<User> find(EmailAddress email) {
        return entities
                .createQuery("select u from User u where u.email = ?1", User.class)
                .setParameter(1, email.value())
                .getResultList()
                .stream()
                .findFirst();
    }

    /** The newest first. */
    List<User> newest(int limit) {
        return entities.createQuery(
                        "select u from User u order by u.createdAt desc, u.id desc", User.class)
                .setMaxResults(limit)
                .getResultList();
    }

    /** The newest of those that come after this one in the order of {@link #newest}. */
    List<User> newestAfter(Instant createdAt, String id, int limit) {
        return entities.createQuery(
                        "select u from User u where u.createdAt < ?1 or (u.createdAt = ?1 and u.id"
                                + " < ?2) order by u.createdAt desc, u.id desc",
                        User.class)
                .setParameter(1, createdAt.toEpochMilli())
                .setParameter(2, id)
                .setMaxResults(limit)
                .getResultList();
    }

    /**
     * @throws ProblemException when there is no such user, or no administrator would remain
     */
    User update(String id, Consumer<User> change) {
        return change(
                id,
                user -> {
                    boolean needed = user.admin() && !user.disabled();
                    change.accept(user);
                    return needed && (!user.admin() || user.disabled());
                });
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
     * Ends all tokens of that user.
     *
     * @return false when the password is not the one that was checked any more
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

    private interface Change {
        /** Whether it took an administrator away. */
        boolean apply(User user);
    }

    private User change(String id, Change change) {
        User changed =
                transaction.execute(status -> {
                    // these first, and in one order: no deadlock
                    int administrators = lock("admin = TRUE AND disabled = FALSE ORDER BY id");
                    @Nullable User user = locked(id);
                    if (user == null) {
                        throw new ProblemException(Problem.NOT_FOUND, "There is no such user.");
                    }
                    if (change.apply(user) && administrators == 1) {
                        throw new ProblemException(
                                Problem.LAST_ADMINISTRATOR,
                                "This is the last administrator. Make another one first.");
                    }
                    return user;
                });
        if (changed == null) throw new IllegalStateException("No user");
        return changed;
    }

    private @Nullable User locked(String id) {
        return lock("id = ?1", id) == 0 ? null : entities.find(User.class, id);
    }

    /** Before they are read, so that what is read is what the last change left. */
    private int lock(String which, Object... parameters) {
        Query query =
                entities.createNativeQuery(
                        "SELECT id FROM users WHERE " + which + " FOR UPDATE", String.class);
        for (int i = 0; i < parameters.length; i++) query.setParameter(i + 1, parameters[i]);
        return query.getResultList().size();
    }

    private static ProblemException taken() {
        return new ProblemException(Problem.EMAIL_TAKEN, "The address has an account already.");
    }
}
