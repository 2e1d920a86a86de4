# What R's survey package says of the designs that tests/statistics/test_survey.py compares with.
# Rscript survey.R FOLDER writes there, for each case, NAME.csv (one row per sampled item) and a line of expected.csv.
suppressMessages(library(survey))
data(api)
options(survey.lonely.psu = "adjust")
folder <- commandArgs(trailingOnly = TRUE)[1]
expected <- data.frame()

# One case: items with stratum, cluster, weight, population (units that the stratum has; NA: no correction), score and
# domain; the mean of the score in the domain by the design's own linearisation.
case <- function(name, items) {
  corrected <- !anyNA(items$population)
  design <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, nest = TRUE, data = items,
                      fpc = if (corrected) ~population)
  design <- subset(design, domain)
  mean <- svymean(~score, design)
  items$stratum <- as.integer(factor(items$stratum)) - 1
  items$score[!items$domain] <- NA
  write.csv(items, file.path(folder, paste0(name, ".csv")), row.names = FALSE, na = "")
  expected <<- rbind(expected, data.frame(name = name, mean = format(coef(mean), digits = 16),
                                          error = format(SE(mean)[1], digits = 16), df = degf(design)))
}

# Made-up items: three strata and one of a single item, clusters of three of which some lie in two strata
i <- 0:60
made <- data.frame(stratum = i %/% 20, cluster = i %/% 3, score = ((7 * i * i + 3 * i) %% 11) / 10, domain = TRUE,
                   population = NA)
made$weight <- c(5, 12, 30, 9)[made$stratum + 1]
part <- transform(made, domain = (5 * i) %% 7 < 3)
case("items", transform(made, cluster = i))
case("items_in_part", transform(part, cluster = i))
case("items_of_this_day", transform(made, cluster = i, population = c(100, 240, 600, 9)[stratum + 1]))
case("clusters", made)
case("clusters_in_part", part)
case("clusters_of_this_day", transform(part, population = c(8, 50, 70, 3)[stratum + 1]))

# The Academic Performance Index of Californian schools, as the survey package ships it
api <- function(items, stratum, cluster, weight = items$pw, population = NA, domain = TRUE)
  data.frame(stratum = stratum, cluster = cluster, weight = weight, population = population, score = items$api00,
             domain = domain)
with(apistrat, {
  case("apistrat", api(apistrat, stype, snum))
  case("apistrat_fpc", api(apistrat, stype, snum, population = fpc))
  case("apistrat_awards", api(apistrat, stype, snum, domain = awards == "Yes"))
  case("apistrat_small_domain", api(apistrat, stype, snum, population = fpc, domain = cname == "Los Angeles"))
})
with(apiclus1, {
  case("apiclus1", api(apiclus1, 1, dnum))
  case("apiclus1_fpc", api(apiclus1, 1, dnum, population = fpc))
  case("apiclus1_high_schools", api(apiclus1, 1, dnum, domain = stype == "H"))
})
case("apiclus2", api(apiclus2, 1, apiclus2$dnum))
case("apisrs_fpc", api(apisrs, 1, apisrs$snum, population = apisrs$fpc))
# Districts that lie in several strata, and a stratum of which one school is left
case("apistrat_districts", api(apistrat, apistrat$stype, apistrat$dnum, domain = apistrat$comp.imp == "Yes"))
# Two clusters a stratum; scores that are missing; domains that some clusters and strata have nothing of
survey <- function(items, stratum, cluster, weight, score, population = NA, domain = TRUE)
  data.frame(stratum = stratum, cluster = cluster, weight = weight, population = population, score = score,
             domain = domain & !is.na(score))
data(nhanes)
for (group in 1:4)
  case(paste0("nhanes_", group), with(nhanes, survey(nhanes, SDMVSTRA, SDMVPSU, WTMEC2YR, HI_CHOL,
                                                     domain = race == group)))
data(scd)
case("scd", survey(scd, scd$ESA, scd$ambulance, c(2, 3, 1)[scd$ESA], scd$alive / scd$arrests))
data(fpc)
case("fpc", survey(fpc, fpc$stratid, fpc$psuid, fpc$weight, fpc$x, fpc$Nh, fpc$x > 2.5))
data(mu284)
case("mu284", survey(mu284, 1, mu284$id1, mu284$n1 / 5 * mu284$n2 / 3, mu284$y1, mu284$n1))
data(election)
case("election", with(election_pps, survey(election_pps, 1, seq_along(p), 1 / p, Bush / (Bush + Kerry + Nader),
                                           domain = Kerry > Bush)))
few <- apistrat[apistrat$stype != "H" | cumsum(apistrat$stype == "H") == 1, ]
case("apistrat_one_high_school", api(few, few$stype, few$snum))
case("apistrat_one_high_school_awards", api(few, few$stype, few$snum, population = few$fpc,
                                            domain = few$awards == "Yes"))

write.csv(expected, file.path(folder, "expected.csv"), row.names = FALSE)
