-- What every later script draws from. Nothing here is random: each value is a function of a key and a word, so the
-- same anchor gives the same company. Variables set by the caller: anchor_at (timestamp), anchor_day (date).

-- DuckDB joins the hashes of two values by a bare xor, so two words for one key would give two draws that move together;
-- hashing the joint hash once more parts them.
create temp macro mix(key, word) as hash(hash(key, word));
create temp macro draw(key, word) as (mix(key, word) >> 11)::double / 9007199254740992.0;
create temp macro whole(key, word, n) as (mix(key, word) % n)::integer;
create temp macro pick(items, key, word) as items[1 + (mix(key, word) % len(items))::integer];
create temp macro digits(key, word, n) as lpad((mix(key, word) % (10 ** n)::ubigint)::varchar, n, '0');
create temp macro plain(name) as
    regexp_replace(lower(strip_accents(replace(replace(name, 'ß', 'ss'), 'ø', 'o'))), '[^a-z]', '', 'g');

create temp table nations as
from (values
    ('DE', 'Germany', 'de', '+49', 0.00, 0.30,
     ['Anna','Lukas','Marie','Felix','Laura','Jan','Katrin','Stefan','Julia','Markus','Sabine','Tobias','Nele','Moritz','Heike','Uwe','Clara','Philipp','Silke','Matthias'],
     ['Müller','Schmidt','Weber','Wagner','Hoffmann','Koch','Richter','Klein','Wolf','Neumann','Schwarz','Zimmermann','Braun','Krüger','Hartmann','Lange','Werner','Lehmann','Köhler','Maier','Keller','Vogel','Friedrich','Scholz'],
     ['Berlin','Munich','Hamburg','Cologne','Leipzig','Stuttgart','Freiburg','Dresden','Kassel','Rosenheim'],
     ['Bergstraße','Gartenweg','Lindenallee','Hauptstraße','Am Mühlbach','Schulgasse']),
    ('FR', 'France', 'fr', '+33', 0.30, 0.49,
     ['Camille','Lucas','Léa','Hugo','Manon','Louis','Chloé','Antoine','Élodie','Mathieu','Sophie','Nicolas','Inès','Julien','Claire','Baptiste','Margaux','Rémi'],
     ['Martin','Bernard','Dubois','Thomas','Robert','Petit','Durand','Leroy','Moreau','Simon','Laurent','Lefebvre','Michel','Garcia','Roux','Fournier','Girard','Bonnet','Lambert','Fontaine'],
     ['Paris','Lyon','Grenoble','Annecy','Toulouse','Nantes','Bordeaux','Strasbourg','Chambéry'],
     ['rue des Alpes','avenue Foch','rue du Moulin','place de la Mairie','chemin des Prés','rue Pasteur']),
    ('AT', 'Austria', 'de', '+43', 0.49, 0.62,
     ['Lena','David','Sarah','Florian','Hannah','Michael','Magdalena','Andreas','Theresa','Georg','Barbara','Simon','Eva','Lorenz'],
     ['Gruber','Huber','Bauer','Steiner','Moser','Mayer','Hofer','Leitner','Berger','Fuchs','Eder','Fischer','Schmid','Winkler','Weber','Schwarz','Maier','Reiter'],
     ['Vienna','Innsbruck','Salzburg','Graz','Linz','Bregenz','Villach'],
     ['Dorfstraße','Kirchweg','Innrain','Bahnhofstraße','Höhenweg','Am Anger']),
    ('IT', 'Italy', 'it', '+39', 0.62, 0.74,
     ['Giulia','Marco','Chiara','Luca','Francesca','Andrea','Elena','Matteo','Sara','Davide','Martina','Simone','Paola','Riccardo'],
     ['Rossi','Russo','Ferrari','Esposito','Bianchi','Romano','Colombo','Ricci','Marino','Greco','Bruno','Gallo','Conti','De Luca','Costa','Giordano'],
     ['Milan','Turin','Bolzano','Verona','Bologna','Trento','Bergamo'],
     ['via Roma','via delle Dolomiti','corso Italia','via Garibaldi','piazza del Duomo','via dei Pini']),
    ('NL', 'Netherlands', 'nl', '+31', 0.74, 0.83,
     ['Sanne','Daan','Emma','Sem','Lotte','Bram','Fleur','Thijs','Anouk','Jeroen','Femke','Ruben'],
     ['de Jong','Jansen','de Vries','van den Berg','Bakker','van Dijk','Visser','Smit','Meijer','Mulder','de Boer','Bos','Vos','Peters'],
     ['Amsterdam','Utrecht','Rotterdam','Groningen','Nijmegen','Eindhoven'],
     ['Dorpsstraat','Molenweg','Kerkstraat','Stationsweg','Prinsengracht','Parklaan']),
    ('ES', 'Spain', 'es', '+34', 0.83, 0.90,
     ['Lucía','Hugo','Martina','Pablo','Carmen','Diego','Marta','Álvaro','Elena','Javier'],
     ['García','Fernández','González','Rodríguez','López','Martínez','Sánchez','Pérez','Gómez','Martín','Jiménez','Ruiz'],
     ['Barcelona','Madrid','Bilbao','Zaragoza','Granada'],
     ['calle Mayor','avenida de la Sierra','calle del Río','paseo del Prado','calle Nueva']),
    ('BE', 'Belgium', 'nl', '+32', 0.90, 0.94,
     ['Louise','Arthur','Olivia','Noah','Elise','Jules','Lore','Wout'],
     ['Peeters','Janssens','Maes','Jacobs','Mertens','Willems','Claes','Goossens','Dubois','Lambert'],
     ['Brussels','Ghent','Antwerp','Liège'],
     ['Kerkstraat','rue de la Station','Molenstraat','rue Haute']),
    ('FI', 'Finland', 'fi', '+358', 0.94, 0.98,
     ['Aino','Eino','Helmi','Onni','Sanna','Mikko','Kaisa','Jari'],
     ['Korhonen','Virtanen','Mäkinen','Nieminen','Mäkelä','Hämäläinen','Laine','Heikkinen','Koskinen','Järvinen'],
     ['Helsinki','Tampere','Turku','Oulu','Rovaniemi'],
     ['Metsätie','Rantakatu','Koulutie','Mäkikatu']),
    ('IE', 'Ireland', 'en', '+353', 0.98, 1.00,
     ['Aoife','Conor','Ciara','Sean','Niamh','Oisín','Grace','Liam'],
     ['Murphy','Kelly','Byrne','Ryan','O''Brien','Walsh','O''Connor','Doyle','McCarthy','Gallagher'],
     ['Dublin','Cork','Galway'],
     ['Main Street','Church Road','Mill Lane','Harbour View'])
) as t(country, country_name, language, dial, share_from, share_to, first_names, last_names, cities, streets);

-- One row per day of trade: three years up to yesterday. The weight joins growth, the two seasons of outdoor trade
-- (early summer, December), the week, the sales, and one afternoon on which the web shop was down.
create temp table calendar as
with days as (
    select (getvariable('anchor_day') - 1095 + i::integer)::date as day, i::integer as t from range(1095) as r(i)
),
shape as (
    select day, t, dayofyear(day) as doy, isodow(day) as dow, month(day) as month from days
)
select
    day, t, month, dow,
    1.0 + 1.15 * t / 1095.0 as growth,
    1.0 + 0.20 * exp(-power((doy - 165) / 42.0, 2)) + 0.52 * exp(-power((doy - 343) / 15.0, 2))
        - 0.16 * exp(-power((doy - 45) / 24.0, 2)) as season,
    [0.94, 0.88, 0.90, 0.96, 1.10, 1.27, 0.95][dow] as weekday,
    case when month = 11 and doy between 327 and 333 then 1.65
         when doy between 2 and 15 then 1.22
         when doy between 183 and 196 then 1.18
         else 1.0 end as campaign,
    case when t = 1095 - 143 then 0.38 else 1.0 end as outage,
    0.93 + 0.14 * draw(t, 'noise') as noise,
    greatest(1, round(222 * growth * season * weekday * campaign * outage * noise))::integer as n_orders
from shape;

create temp table shop_places as
from (values
    (1, 'Innsbruck', 'AT', 1350), (2, 'Vienna', 'AT', 1100), (3, 'Salzburg', 'AT', 760), (4, 'Graz', 'AT', 520),
    (5, 'Munich', 'DE', 1480), (6, 'Berlin', 'DE', 1200), (7, 'Hamburg', 'DE', 940), (8, 'Cologne', 'DE', 820),
    (9, 'Leipzig', 'DE', 610), (10, 'Freiburg', 'DE', 580), (11, 'Stuttgart', 'DE', 890), (12, 'Dresden', 'DE', 470),
    (13, 'Lyon', 'FR', 900), (14, 'Grenoble', 'FR', 830), (15, 'Annecy', 'FR', 640), (16, 'Paris', 'FR', 1250),
    (17, 'Toulouse', 'FR', 560), (18, 'Strasbourg', 'FR', 490),
    (19, 'Bolzano', 'IT', 700), (20, 'Milan', 'IT', 980), (21, 'Turin', 'IT', 620), (22, 'Verona', 'IT', 450),
    (23, 'Amsterdam', 'NL', 720), (24, 'Utrecht', 'NL', 540), (25, 'Nijmegen', 'NL', 380),
    (26, 'Barcelona', 'ES', 690), (27, 'Bilbao', 'ES', 430), (28, 'Ghent', 'BE', 410), (29, 'Brussels', 'BE', 520),
    (30, 'Helsinki', 'FI', 460), (31, 'Dublin', 'IE', 480)
) as t(store_no, city, country, floor_sqm);
